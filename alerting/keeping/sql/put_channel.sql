-- A row whose secrets alone change is written as well: $2 says so.
INSERT INTO enterprise.alert_channels AS kept (name, kind, settings, provisioned_from)
SELECT name, kind, settings, provisioned_from FROM jsonb_populate_record(NULL::enterprise.alert_channels, $1::jsonb)
ON CONFLICT (name) DO UPDATE SET
    kind = excluded.kind, settings = excluded.settings, provisioned_from = excluded.provisioned_from,
    version = kept.version + 1, updated_at = now()
WHERE $2 OR (kept.kind, kept.settings, kept.provisioned_from)
    IS DISTINCT FROM (excluded.kind, excluded.settings, excluded.provisioned_from)
RETURNING to_jsonb(kept)
