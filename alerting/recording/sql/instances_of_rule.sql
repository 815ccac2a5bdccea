SELECT i.id, i.fingerprint, i.labels, i.triggered_at, i.resolved_at, i.status, i.acknowledged_by, i.metric_value,
    i.message, i.context
FROM enterprise.alert_instances AS i
WHERE i.rule_id = $1 AND i.status IS DISTINCT FROM 'resolved'
UNION ALL
-- Resolved by others since the last evaluation.
SELECT i.id, i.fingerprint, i.labels, i.triggered_at, i.resolved_at, i.status, i.acknowledged_by, i.metric_value,
    i.message, i.context
FROM enterprise.alert_states AS s
JOIN enterprise.alert_instances AS i ON i.id = s.instance_id
WHERE s.rule_id = $1 AND i.status = 'resolved'
