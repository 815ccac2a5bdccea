-- An alert keeps the beginning that was told first, while it goes on.
INSERT INTO enterprise.alert_reports AS report
    (rule_id, fingerprint, labels, annotations, generator_url, starts_at, ends_at, updated_at)
SELECT $1, fingerprint, labels, annotations, generator_url, starts_at, ends_at, updated_at
FROM jsonb_populate_recordset(NULL::enterprise.alert_reports, $2::jsonb)
ON CONFLICT (rule_id, fingerprint) DO UPDATE SET
    annotations = excluded.annotations, generator_url = excluded.generator_url,
    starts_at = CASE WHEN report.ends_at >= excluded.starts_at THEN least(report.starts_at, excluded.starts_at)
                     ELSE excluded.starts_at END,
    ends_at = excluded.ends_at, updated_at = excluded.updated_at
