WITH deleted AS (
    DELETE FROM enterprise.traces
    WHERE id = ANY (ARRAY(
        SELECT id FROM enterprise.traces
        WHERE start_time < $1 AND coalesce(latest_start, start_time) < $1 AND updated_at < $2
          AND trace_id NOT IN (SELECT trace_id FROM enterprise.pinned_traces)
        ORDER BY start_time
        LIMIT $3
        FOR UPDATE SKIP LOCKED))
    RETURNING id
)
SELECT count(*) FROM deleted
