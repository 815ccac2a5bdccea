WITH open AS (
    SELECT coalesce(rule.severity, 'warning') AS severity,
           count(*) FILTER (WHERE instance.status IS DISTINCT FROM 'acknowledged') AS firing,
           count(*) FILTER (WHERE instance.status = 'acknowledged') AS acknowledged
    FROM enterprise.alert_instances AS instance
    JOIN enterprise.alert_rules AS rule ON rule.id = instance.rule_id
    WHERE instance.status IS DISTINCT FROM 'resolved'
    GROUP BY 1
)
SELECT json_build_object(
    'firing', (SELECT coalesce(sum(firing), 0) FROM open),
    'acknowledged', (SELECT coalesce(sum(acknowledged), 0) FROM open),
    'by_severity',
    (SELECT coalesce(json_object_agg(severity, json_build_object('firing', firing, 'acknowledged', acknowledged)), '{}')
     FROM open),
    'pending', (SELECT count(*) FROM enterprise.alert_states WHERE phase = 'pending'),
    'rules',
    (SELECT json_build_object(
         'total', count(*),
         'enabled', count(*) FILTER (WHERE enabled),
         'disabled', count(*) FILTER (WHERE enabled IS NOT TRUE),
         'failing', count(*) FILTER (WHERE enabled AND failing_since IS NOT NULL))
     FROM enterprise.alert_rules))::text
