SELECT to_json(found)::text
FROM (
    SELECT log.id, log.timestamp, log.level, log.logger_name, log.message, log.trace_id, log.span_id, log.user_email,
           log.department, log.session_id, log.endpoint, log.extra, log.exception_type, log.exception_message,
           log.exception_traceback,
           log.service_name, log.severity_number, log.severity_text, log.event_name, log.body, log.timestamp_nanos,
           log.observed_time, log.observed_nanos, log.flags, log.dropped_attributes_count,
           resource.attributes AS resource_attributes, scope.name AS scope_name, scope.version AS scope_version
    FROM enterprise.structured_logs AS log
    LEFT JOIN enterprise.resources AS resource ON resource.id = log.resource_id
    LEFT JOIN enterprise.scopes AS scope ON scope.id = log.scope_id
    WHERE log.id = $1
      AND ($2::timestamptz IS NULL OR log.timestamp >= $2)
      AND ($3::timestamptz IS NULL OR log.timestamp < $3)
    LIMIT 1
) AS found
