-- A span that came twice is shown once: rather the row that has ended, rather the later one.
SELECT to_json(span)::text
FROM (
    SELECT DISTINCT ON (s.start_time, s.start_nanos, s.span_id)
           s.id, s.trace_id, s.span_id, s.parent_span_id, s.operation_name, s.service_name, s.start_time, s.end_time,
           s.duration_ms, s.status, s.error_message, s.tags, s.logs,
           s.kind, s.status_code, s.status_message, s.start_nanos, s.end_nanos, s.trace_state, s.flags, s.links,
           s.dropped_attributes_count, s.dropped_events_count, s.dropped_links_count,
           resource.attributes AS resource_attributes, scope.name AS scope_name, scope.version AS scope_version
    FROM enterprise.trace_spans AS s
    LEFT JOIN enterprise.resources AS resource ON resource.id = s.resource_id
    LEFT JOIN enterprise.scopes AS scope ON scope.id = s.scope_id
    WHERE s.trace_id = $1 AND s.start_time BETWEEN $2 AND $3 AND ($4::text IS NULL OR s.span_id = $4)
    ORDER BY s.start_time, s.start_nanos, s.span_id, s.end_time IS NULL, s.batch DESC, s.id
) AS span
