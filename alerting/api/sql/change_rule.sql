-- What the JSON does not name stays as it is.
UPDATE enterprise.alert_rules AS rule
SET (name, description, metric_type, condition, threshold, window_minutes, evaluation_interval_seconds, custom_sql,
     severity, notification_channels, cooldown_minutes, enabled, query, of_query, metric_name, aggregation, group_by,
     for_seconds, keep_firing_for_seconds, windows_needed, windows_seen, on_no_data, on_error, failures_before_notice,
     reminder_minutes, labels, annotations) = (
    SELECT name, description, metric_type, condition, threshold, window_minutes, evaluation_interval_seconds, custom_sql,
           severity, notification_channels, cooldown_minutes, enabled, query, of_query, metric_name, aggregation,
           group_by, for_seconds, keep_firing_for_seconds, windows_needed, windows_seen, on_no_data, on_error,
           failures_before_notice, reminder_minutes, labels, annotations
    FROM jsonb_populate_record(rule, $2))
WHERE id = $1
RETURNING to_jsonb(rule)
