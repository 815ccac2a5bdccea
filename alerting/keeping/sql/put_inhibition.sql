INSERT INTO enterprise.alert_inhibitions AS kept
    (name, source_matchers, target_matchers, equal_labels, provisioned_from)
SELECT name, source_matchers, target_matchers, equal_labels, provisioned_from
FROM jsonb_populate_record(NULL::enterprise.alert_inhibitions, $1::jsonb)
ON CONFLICT (name) DO UPDATE SET
    source_matchers = excluded.source_matchers, target_matchers = excluded.target_matchers,
    equal_labels = excluded.equal_labels, provisioned_from = excluded.provisioned_from,
    version = kept.version + 1, updated_at = now()
WHERE (kept.source_matchers, kept.target_matchers, kept.equal_labels, kept.provisioned_from)
    IS DISTINCT FROM
      (excluded.source_matchers, excluded.target_matchers, excluded.equal_labels, excluded.provisioned_from)
RETURNING to_jsonb(kept)
