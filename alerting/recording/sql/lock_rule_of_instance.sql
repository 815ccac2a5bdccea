SELECT *
FROM enterprise.alert_rules
WHERE id = (SELECT rule_id FROM enterprise.alert_instances WHERE id = $1)
FOR NO KEY UPDATE
