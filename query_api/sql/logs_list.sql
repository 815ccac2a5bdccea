SELECT to_json(page)::text AS item, page.timestamp::text AS time, page.id::text AS id
FROM (
    SELECT id, timestamp, level, logger_name, message, trace_id, span_id, user_email, department, session_id,
           endpoint, extra, exception_type, exception_message,
           service_name, severity_number, severity_text, event_name, body, observed_time
    FROM enterprise.structured_logs AS log
    WHERE {filters}
      -- The first comparison prunes partitions, which that of rows does not.
      AND ($8::text IS NULL OR timestamp <= $8::text::timestamptz)
      AND ($8::text IS NULL OR (timestamp, id) < ($8::text::timestamptz, $9::text::uuid))
    ORDER BY timestamp DESC, id DESC
    LIMIT $10 OFFSET $11
) AS page
