-- What the JSON does not name stays as it is. A trigger raises the version.
UPDATE enterprise.alert_rules AS rule
SET (name, description, metric_type, condition, threshold, window_minutes, evaluation_interval_seconds, custom_sql,
     severity, notification_channels, cooldown_minutes, enabled, query, of_query, metric_name, aggregation, group_by,
     for_seconds, keep_firing_for_seconds, windows_needed, windows_seen, on_no_data, on_error, failures_before_notice,
     reminder_minutes, labels, annotations, provisioned_from, updated_at) = (
    SELECT name, description, metric_type, condition, threshold, window_minutes, evaluation_interval_seconds, custom_sql,
           severity, notification_channels, cooldown_minutes, enabled, query, of_query, metric_name, aggregation,
           group_by, for_seconds, keep_firing_for_seconds, windows_needed, windows_seen, on_no_data, on_error,
           failures_before_notice, reminder_minutes, labels, annotations, provisioned_from, now()
    FROM jsonb_populate_record(rule, $2))
WHERE id = $1
