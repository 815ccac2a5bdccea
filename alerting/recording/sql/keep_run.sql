UPDATE enterprise.alert_rules
SET last_evaluated_at = $2,
    last_triggered_at = coalesce($3, last_triggered_at),
    last_value = CASE WHEN $5::text IS NULL THEN $4::float ELSE last_value END,
    last_error = $5::text,
    failures = CASE WHEN $5::text IS NULL THEN 0 ELSE failures + 1 END,
    failing_since = CASE WHEN $5::text IS NOT NULL THEN coalesce(failing_since, $2) END,
    failure_told_at = $6,
    last_duration_ms = $7,
    last_lag_ms = $8,
    missed_runs = missed_runs + $9
WHERE id = $1
