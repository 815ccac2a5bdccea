SELECT labels, coalesce(annotations ->> 'summary', annotations ->> 'description') AS note
FROM enterprise.alert_reports
WHERE rule_id = $1 AND starts_at <= $2 AND ends_at > $2
ORDER BY fingerprint
LIMIT $3
