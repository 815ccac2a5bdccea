-- Without what the engine writes.
SELECT to_jsonb(rule) - '{last_evaluated_at,last_triggered_at,last_value,last_error,failing_since,failures,
                          failure_told_at,late_told_at,last_duration_ms,last_lag_ms,missed_runs}'::text[]
FROM enterprise.alert_rules AS rule
WHERE id = $1
FOR UPDATE
