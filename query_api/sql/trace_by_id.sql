-- Every span starts between earliest and latest, and ends by ended. Python has no dates outside the years 1 to 9999.
SELECT to_json(found)::text AS trace, found.span_count,
       CASE WHEN trace.start_time < '0001-01-02Z' THEN '-infinity' ELSE least(trace.start_time, '9999-12-30Z') END
           AS earliest,
       CASE WHEN range.latest > '9999-12-30Z' THEN 'infinity' ELSE greatest(range.latest, '0001-01-02Z') END AS latest,
       CASE WHEN range.ended > '9999-12-30Z' THEN 'infinity' ELSE greatest(range.ended, '0001-01-02Z') END AS ended
FROM enterprise.traces AS trace
CROSS JOIN LATERAL (
    SELECT coalesce(trace.latest_start, trace.start_time) AS latest,
           greatest(trace.latest_end, trace.latest_start, trace.start_time, trace.end_time) AS ended
) AS range
CROSS JOIN LATERAL (
    SELECT trace.id, trace.trace_id, trace.entry_point, trace.endpoint, trace.method, trace.session_id,
           trace.user_email, trace.department, trace.start_time, trace.end_time, trace.duration_ms, trace.status,
           trace.error_message, trace.tags, trace.created_at,
           trace.service_name, trace.operation_name, trace.root_span_id, trace.span_count, trace.error_count,
           trace.services, trace.root_missing, trace.latest_start, trace.updated_at
) AS found
WHERE trace.trace_id = $1
