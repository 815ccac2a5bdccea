SELECT name,
       CASE WHEN failures > 0 AND failing_since < now() - interval '5 minutes' THEN last_error END AS error,
       greatest(last_evaluated_at, updated_at, created_at)
           < now() - (2 * greatest(coalesce(evaluation_interval_seconds, 60), 1) + 60) * interval '1 second' AS late,
       custom_sql IS NOT NULL AS needs_login
FROM enterprise.alert_rules
WHERE enabled
ORDER BY name
LIMIT 10000
