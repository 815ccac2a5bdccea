WITH enabled AS (
    SELECT *, greatest(last_evaluated_at, updated_at, created_at)
            < now() - (2 * greatest(coalesce(evaluation_interval_seconds, 60), 1) + 60) * interval '1 second' AS late
    FROM enterprise.alert_rules
    WHERE enabled
), failing AS (
    SELECT id, name, failures, failing_since, last_error
    FROM enabled
    WHERE failures > 0 AND failing_since IS NOT NULL AND last_error IS NOT NULL
    ORDER BY failing_since, id
    LIMIT $3
)
SELECT json_build_object(
    'leader', (
        SELECT json_build_object('holder', holder, 'epoch', epoch, 'expires_at', expires_at)
        FROM enterprise.leases
        WHERE name = $1 AND expires_at > now()),
    'rules', (
        SELECT json_build_object(
            'fast', count(*) FILTER (WHERE coalesce(last_duration_ms, 0) <= $2),
            'slow', count(*) FILTER (WHERE last_duration_ms > $2),
            'failing', count(*) FILTER (WHERE failures > 0),
            'late', count(*) FILTER (WHERE late))
        FROM enabled),
    'lag_ms', (SELECT coalesce(percentile_cont(0.5) WITHIN GROUP (ORDER BY last_lag_ms), 0) FROM enabled),
    'highest_lag_ms', (SELECT coalesce(max(last_lag_ms), 0) FROM enabled),
    'missed_runs', (SELECT coalesce(sum(missed_runs), 0) FROM enabled),
    'notices_waiting', (SELECT count(*) FROM enterprise.alert_notices WHERE state IN ('waiting', 'sending')),
    'oldest_notice_seconds', (
        SELECT coalesce(greatest(extract(epoch FROM now() - min(due_at)), 0), 0)
        FROM enterprise.alert_notices
        WHERE state IN ('waiting', 'sending')),
    'failing', (SELECT coalesce(json_agg(failing), '[]') FROM failing)
)::text
