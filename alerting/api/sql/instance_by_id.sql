SELECT to_json(found)::text
FROM (
    SELECT instance.id, instance.rule_id, rule.name AS rule_name, rule.severity, instance.triggered_at,
           instance.resolved_at, instance.status, instance.acknowledged_by, instance.acknowledged_at,
           instance.metric_value, instance.threshold_value, instance.message, instance.labels, instance.fingerprint,
           instance.resolved_by, instance.resolved_because, instance.notifications_sent, instance.context,
           rule.description, rule.metric_type, rule.condition, rule.window_minutes, rule.annotations, state.phase,
           state.since AS phase_since, state.value AS last_value, state.evaluated_at
    FROM enterprise.alert_instances AS instance
    JOIN enterprise.alert_rules AS rule ON rule.id = instance.rule_id
    LEFT JOIN enterprise.alert_states AS state ON state.instance_id = instance.id AND state.rule_id = instance.rule_id
    WHERE instance.id = $1
) AS found
