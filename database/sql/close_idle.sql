WITH idle AS (
    SELECT id FROM enterprise.traces
    WHERE status = 'in_progress' AND root_span_id IS NULL AND entry_status IS NOT NULL AND updated_at < $1
    LIMIT $2
    FOR UPDATE SKIP LOCKED
), closed AS (
    UPDATE enterprise.traces AS t SET
        status = CASE WHEN t.entry_status = 'error' THEN 'error' ELSE 'completed' END,
        root_missing = true,
        end_time = t.latest_end,
        duration_ms = CASE WHEN t.latest_end < t.start_time THEN 0
                           ELSE extract(epoch FROM t.latest_end - t.start_time)::float * 1000 END,
        updated_at = clock_timestamp()
    FROM idle
    WHERE t.id = idle.id
    RETURNING t.id
)
SELECT count(*) FROM closed
