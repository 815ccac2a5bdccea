SELECT to_json(listed)::text AS item, version, count(*) OVER () AS total
FROM (
    SELECT id, name, description, metric_type, condition, threshold, window_minutes, evaluation_interval_seconds,
           custom_sql, severity, notification_channels, cooldown_minutes, enabled, query, of_query, metric_name,
           aggregation, group_by, for_seconds, keep_firing_for_seconds, windows_needed, windows_seen, on_no_data,
           on_error, failures_before_notice, reminder_minutes, labels, annotations, version, provisioned_from,
           created_at, created_by, updated_at, last_evaluated_at, last_triggered_at, last_value, last_error,
           failing_since, failures, failure_told_at, late_told_at, last_duration_ms, last_lag_ms, missed_runs
    FROM enterprise.alert_rules
    WHERE ($1::uuid IS NULL OR id = $1)
      AND ($2::boolean IS NULL OR (enabled IS TRUE) = $2)
      AND ($3::text IS NULL OR severity = $3)
      AND ($4::text IS NULL OR metric_type = $4)
) AS listed
ORDER BY created_at DESC NULLS LAST, name, id
LIMIT $5
