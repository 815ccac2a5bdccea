-- Two who are first at the same time get the same rule.
INSERT INTO enterprise.alert_rules AS rule
    (name, description, metric_type, condition, threshold, window_minutes, evaluation_interval_seconds, severity,
     created_by)
VALUES ($1, 'Reported by Alertmanager''s API', 'alertmanager', 'gt', 0, 5, 15, $2, 'Alertmanager''s API')
ON CONFLICT (name, severity) WHERE metric_type = 'alertmanager' DO UPDATE SET last_evaluated_at = rule.last_evaluated_at
RETURNING id
