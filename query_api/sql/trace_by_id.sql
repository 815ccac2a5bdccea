-- Every span starts between earliest and latest. Python has no dates outside the years 1 to 9999.
SELECT to_json(found)::text AS trace,
       CASE WHEN start_time < '0001-01-02Z' THEN '-infinity' ELSE least(start_time, '9999-12-30Z') END AS earliest,
       CASE WHEN coalesce(latest_start, start_time) > '9999-12-30Z' THEN 'infinity'
            ELSE greatest(coalesce(latest_start, start_time), '0001-01-02Z') END AS latest
FROM (
    SELECT id, trace_id, entry_point, endpoint, method, session_id, user_email, department, start_time, end_time,
           duration_ms, status, error_message, tags, created_at,
           service_name, operation_name, root_span_id, span_count, error_count, services, root_missing,
           latest_start, updated_at
    FROM enterprise.traces
    WHERE trace_id = $1
) AS found
