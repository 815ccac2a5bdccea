SELECT r.name, coalesce(r.severity, 'warning') AS severity, r.labels AS rule_labels, i.labels
FROM enterprise.alert_instances AS i
JOIN enterprise.alert_rules AS r ON r.id = i.rule_id
WHERE i.status IS DISTINCT FROM 'resolved' AND i.rule_id <> $1
LIMIT $2
