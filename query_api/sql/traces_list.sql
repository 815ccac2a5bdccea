SELECT to_json(page)::text
FROM (
    SELECT trace_id, entry_point, endpoint, method, session_id, user_email, department, start_time, end_time,
           duration_ms, status, error_message, tags,
           service_name, operation_name, root_span_id, span_count, error_count, services, root_missing, updated_at
    FROM enterprise.traces
    WHERE start_time >= $1
      AND ($2::text IS NULL OR status = $2)
      AND ($3::text IS NULL OR user_email = $3)
      AND ($4::float8 IS NULL OR duration_ms >= $4)
    ORDER BY start_time DESC, trace_id DESC
    LIMIT $5 OFFSET $6
) AS page
