SELECT to_json(page)::text AS item, page.start_time::text AS time, page.trace_id AS id
FROM (
    SELECT trace_id, entry_point, endpoint, method, session_id, user_email, department, start_time, end_time,
           duration_ms, status, error_message, tags,
           service_name, operation_name, root_span_id, span_count, error_count, services, root_missing, updated_at
    FROM enterprise.traces AS trace
    WHERE {filters}
      AND ($6::text IS NULL OR (start_time, trace_id) < ($6::text::timestamptz, $7::text))
    ORDER BY start_time DESC, trace_id DESC
    LIMIT $8 OFFSET $9
) AS page
