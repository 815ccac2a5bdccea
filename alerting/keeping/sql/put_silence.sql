INSERT INTO enterprise.alert_silences AS kept
    (id, matchers, starts_at, ends_at, created_by, reason, provisioned_from)
SELECT id, matchers, starts_at, ends_at, created_by, reason, provisioned_from
FROM jsonb_populate_record(NULL::enterprise.alert_silences, $1::jsonb)
ON CONFLICT (id) DO UPDATE SET
    matchers = excluded.matchers, starts_at = excluded.starts_at, ends_at = excluded.ends_at,
    created_by = excluded.created_by, reason = excluded.reason, provisioned_from = excluded.provisioned_from,
    version = kept.version + 1, updated_at = now()
WHERE (kept.matchers, kept.starts_at, kept.ends_at, kept.created_by, kept.reason, kept.provisioned_from)
    IS DISTINCT FROM
      (excluded.matchers, excluded.starts_at, excluded.ends_at, excluded.created_by, excluded.reason,
       excluded.provisioned_from)
RETURNING to_jsonb(kept) || jsonb_build_object('state', CASE
    WHEN ends_at <= now() THEN 'expired' WHEN starts_at <= now() THEN 'active' ELSE 'pending' END)
