INSERT INTO enterprise.alert_rules AS rule
    (name, description, metric_type, condition, threshold, window_minutes, evaluation_interval_seconds, custom_sql,
     severity, notification_channels, cooldown_minutes, enabled, query, of_query, metric_name, aggregation, group_by,
     for_seconds, keep_firing_for_seconds, windows_needed, windows_seen, on_no_data, on_error, failures_before_notice,
     reminder_minutes, labels, annotations, created_by, provisioned_from)
SELECT name, description, metric_type, condition, threshold, window_minutes, evaluation_interval_seconds, custom_sql,
       severity, notification_channels, cooldown_minutes, enabled, query, of_query, metric_name, aggregation, group_by,
       for_seconds, keep_firing_for_seconds, windows_needed, windows_seen, on_no_data, on_error, failures_before_notice,
       reminder_minutes, labels, annotations, created_by, provisioned_from
FROM jsonb_populate_record(NULL::enterprise.alert_rules, $1)
RETURNING id
