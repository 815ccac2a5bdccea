-- What fires: open alerts, and what is reported and not evaluated yet, whose instance_id is null.
WITH listed AS (
    SELECT instance.id AS instance_id, instance.rule_id, instance.fingerprint, instance.labels, instance.triggered_at
    FROM enterprise.alert_instances AS instance
    WHERE instance.status IS DISTINCT FROM 'resolved'
    UNION ALL
    SELECT NULL, report.rule_id, report.fingerprint, report.labels, report.starts_at
    FROM enterprise.alert_reports AS report
    WHERE report.ends_at > $1 AND NOT EXISTS (
        SELECT FROM enterprise.alert_instances AS open
        WHERE open.rule_id = report.rule_id AND open.fingerprint = report.fingerprint
          AND open.status IS DISTINCT FROM 'resolved')
)
SELECT listed.instance_id, listed.rule_id,
       rule.labels || listed.labels
           || jsonb_build_object('alertname', rule.name, 'severity', coalesce(rule.severity, 'warning')) AS labels,
       rule.annotations || coalesce(report.annotations, '{}') AS annotations,
       coalesce(rule.notification_channels, '["slack"]') AS channels,
       coalesce(report.starts_at, listed.triggered_at) AS starts_at,
       coalesce(report.ends_at, coalesce(state.evaluated_at, $1)
           + 4 * greatest(interval '1 min', interval '1 s' * coalesce(rule.evaluation_interval_seconds, 60))) AS ends_at,
       coalesce(report.updated_at, state.evaluated_at, listed.triggered_at) AS updated_at,
       report.generator_url
FROM listed
JOIN enterprise.alert_rules AS rule ON rule.id = listed.rule_id
LEFT JOIN enterprise.alert_states AS state ON (state.rule_id, state.fingerprint) = (listed.rule_id, listed.fingerprint)
LEFT JOIN enterprise.alert_reports AS report
    ON (report.rule_id, report.fingerprint) = (listed.rule_id, listed.fingerprint)
ORDER BY listed.triggered_at DESC, listed.rule_id, listed.fingerprint
LIMIT 10000
