SELECT to_json(page)::text AS item, page.timestamp::text AS time, page.id::text AS id
FROM (
    SELECT id, timestamp, level, logger_name, message, trace_id, span_id, user_email, department, session_id,
           endpoint, extra, exception_type, exception_message,
           service_name, severity_number, severity_text, event_name, body, observed_time
    FROM enterprise.structured_logs AS log
    WHERE timestamp >= $1
      AND ($2::timestamptz IS NULL OR timestamp < $2)
      AND ($3::text IS NULL OR level = $3)
      AND ($4::text IS NULL OR strpos(logger_name, $4) > 0)
      AND ($5::text IS NULL OR trace_id = $5)
      AND ($6::text IS NULL OR user_email = $6)
      AND ($7::text IS NULL OR message COLLATE "C" ILIKE ALL (enterprise.message_patterns($7)))
      AND ($7::text IS NULL OR enterprise.message_words(message) @@ plainto_tsquery('english', $7))
      -- The first comparison prunes partitions, which that of rows does not.
      AND ($8::text IS NULL OR timestamp <= $8::text::timestamptz)
      AND ($8::text IS NULL OR (timestamp, id) < ($8::text::timestamptz, $9::text::uuid))
      AND {matches}
    ORDER BY timestamp DESC, id DESC
    LIMIT $10 OFFSET $11
) AS page
