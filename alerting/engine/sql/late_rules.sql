SELECT count(*)
FROM enterprise.alert_rules
WHERE enabled
  AND greatest(last_evaluated_at, updated_at, created_at)
    < clock_timestamp() - (2 * greatest(coalesce(evaluation_interval_seconds, 60), 1) + 60) * interval '1 second'
