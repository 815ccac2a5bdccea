UPDATE enterprise.alert_rules AS r
SET late_told_at = clock_timestamp()
WHERE r.id = ANY (ARRAY(
    SELECT id
    FROM enterprise.alert_rules
    WHERE enabled AND late_told_at IS NULL
      AND greatest(last_evaluated_at, updated_at, created_at, $1)
        < clock_timestamp() - (2 * greatest(coalesce(evaluation_interval_seconds, 60), 1) + 60) * interval '1 second'
    ORDER BY id
    -- Another replica tells of those that it has locked, and what is being recorded is not late.
    FOR NO KEY UPDATE SKIP LOCKED))
RETURNING r.*
