SELECT to_json(line)::text
FROM (
    SELECT id, timestamp, level, logger_name, message, trace_id, span_id, user_email, department, session_id,
           endpoint, extra, exception_type, exception_message,
           service_name, severity_number, severity_text, event_name, body, observed_time
    FROM enterprise.structured_logs
    WHERE timestamp BETWEEN $1::text::timestamptz - $6::interval AND $1::text::timestamptz
      AND (timestamp, id) < ($1::text::timestamptz, $2::uuid)
      AND service_name IS NOT DISTINCT FROM $3
      AND resource_id IS NOT DISTINCT FROM $4
    ORDER BY timestamp DESC, id DESC
    LIMIT $5
) AS line
