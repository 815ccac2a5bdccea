SELECT to_json(page)::text AS item, page.triggered_at::text AS time, page.id::text AS id
FROM (
    SELECT instance.id, instance.rule_id, rule.name AS rule_name, rule.severity, instance.triggered_at,
           instance.resolved_at, instance.status, instance.acknowledged_by, instance.acknowledged_at,
           instance.metric_value, instance.threshold_value, instance.message, instance.labels, instance.fingerprint,
           instance.resolved_by, instance.resolved_because, instance.notifications_sent
    FROM enterprise.alert_instances AS instance
    JOIN enterprise.alert_rules AS rule ON rule.id = instance.rule_id
    WHERE ($1::timestamptz IS NULL OR instance.triggered_at >= $1)
      AND ($2::timestamptz IS NULL OR instance.triggered_at < $2)
      AND ($3::boolean IS NOT TRUE OR instance.status IS DISTINCT FROM 'resolved')
      AND ($4::text IS NULL OR instance.status = $4)
      AND ($5::uuid IS NULL OR instance.rule_id = $5)
      AND ($6::text IS NULL OR rule.severity = $6)
      AND ($7::text IS NULL OR (instance.triggered_at, instance.id) < ($7::text::timestamptz, $8::text::uuid))
    ORDER BY instance.triggered_at DESC, instance.id DESC
    LIMIT $9
) AS page
