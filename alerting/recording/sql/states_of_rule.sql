SELECT fingerprint, labels, phase, since, evaluated_at, value, memory, told, instance_id
FROM enterprise.alert_states
WHERE rule_id = $1
FOR UPDATE
