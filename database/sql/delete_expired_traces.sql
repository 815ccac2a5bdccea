WITH deleted AS (
    DELETE FROM enterprise.traces
    WHERE id = ANY (ARRAY(
        SELECT id FROM enterprise.traces
        WHERE start_time < $1 AND coalesce(latest_start, start_time) < $1 AND updated_at < $2
        ORDER BY start_time
        LIMIT $3
        FOR UPDATE SKIP LOCKED))
    RETURNING id
)
SELECT count(*) FROM deleted
