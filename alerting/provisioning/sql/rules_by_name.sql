-- The file's own first, then those that nobody keeps elsewhere, the oldest first.
SELECT id, name, provisioned_from IS NOT NULL AS is_own
FROM enterprise.alert_rules
WHERE (provisioned_from IS NULL OR provisioned_from = $1) AND metric_type <> 'alertmanager'
ORDER BY provisioned_from IS NULL, created_at, id
