SELECT to_json(line)::text
FROM (
    SELECT id, timestamp, level, logger_name, message, trace_id, span_id, user_email, department, session_id,
           endpoint, extra, exception_type, exception_message,
           service_name, severity_number, severity_text, event_name, body, observed_time
    FROM enterprise.structured_logs
    WHERE trace_id = $1
      AND timestamp BETWEEN $2::timestamptz - $4::interval AND $3::timestamptz + $4::interval
      AND ($5::text IS NULL OR span_id = $5)
    ORDER BY timestamp, id
    LIMIT $6
) AS line
