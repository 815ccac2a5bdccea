SELECT instance.id, instance.rule_id, rule.name AS rule_name, rule.severity,
       coalesce(instance.status, 'firing') AS status, instance.triggered_at,
       rule.labels || instance.labels
           || jsonb_build_object('alertname', rule.name, 'severity', coalesce(rule.severity, 'warning')) AS labels
FROM enterprise.alert_instances AS instance
JOIN enterprise.alert_rules AS rule ON rule.id = instance.rule_id
WHERE instance.status IS DISTINCT FROM 'resolved'
ORDER BY instance.triggered_at DESC, instance.id
LIMIT 10000
