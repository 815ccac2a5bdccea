SELECT to_json(page)::text
FROM (
    SELECT id, timestamp, level, logger_name, message, trace_id, span_id, user_email, department, session_id,
           endpoint, extra, exception_type, exception_message,
           service_name, severity_number, severity_text, event_name, body, observed_time
    FROM enterprise.structured_logs
    WHERE timestamp >= $1
      AND ($2::text IS NULL OR level = $2)
      AND ($3::text IS NULL OR strpos(logger_name, $3) > 0)
      AND ($4::text IS NULL OR trace_id = $4)
      AND ($5::text IS NULL OR user_email = $5)
      AND ($6::text IS NULL OR enterprise.message_words(message) @@ plainto_tsquery('english', $6))
    ORDER BY timestamp DESC, id DESC
    LIMIT $7 OFFSET $8
) AS page
