WITH closed AS (
    UPDATE enterprise.alert_instances
    SET status = 'resolved', resolved_at = $4, resolved_by = $3, resolved_because = $2
    WHERE rule_id = $1 AND status IS DISTINCT FROM 'resolved'
    RETURNING id, fingerprint, labels, metric_value, threshold_value
), calmed AS (
    UPDATE enterprise.alert_states
    SET phase = 'inactive', since = $4, memory = '{}', instance_id = NULL
    WHERE rule_id = $1
)
INSERT INTO enterprise.alert_history
    (at, rule_id, rule_name, fingerprint, labels, instance_id, event, value, threshold, actor, detail)
SELECT $4, $1, (SELECT name FROM enterprise.alert_rules WHERE id = $1), fingerprint, labels, id, 'resolved', metric_value,
       threshold_value, $3, jsonb_build_object('reason', $2::text)
FROM closed
