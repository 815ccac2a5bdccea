-- Spans by what emitted them, in that order. OTLP's times are ns since 1970 in 64 bits; others are null.
SELECT span.trace_id, span.span_id, span.parent_span_id, span.operation_name, span.service_name, span.status,
       span.error_message, span.tags, span.logs, span.kind, span.status_code, span.status_message, span.trace_state,
       span.flags, span.links, span.dropped_attributes_count, span.dropped_events_count, span.dropped_links_count,
       span.resource_id, span.scope_id, span.started, span.ended,
       resource.attributes::text AS resource_attributes, resource.schema_url AS resource_schema_url,
       resource.dropped_attributes_count AS resource_dropped, resource.entity_refs::text AS entity_refs,
       scope.name AS scope_name, scope.version AS scope_version, scope.attributes::text AS scope_attributes,
       scope.schema_url AS scope_schema_url, scope.dropped_attributes_count AS scope_dropped
FROM (
    SELECT DISTINCT ON (s.start_time, s.start_nanos, s.span_id)
           s.trace_id, s.span_id, s.parent_span_id, s.operation_name, s.service_name, s.start_time, s.start_nanos,
           s.status, s.error_message, s.tags, s.logs, s.kind, s.status_code, s.status_message, s.trace_state, s.flags,
           s.links, s.dropped_attributes_count, s.dropped_events_count, s.dropped_links_count, s.resource_id,
           s.scope_id,
           CASE WHEN s.start_time BETWEEN '1970-01-01Z' AND '2554-07-21 23:34:33.709551Z'
                THEN (extract(epoch FROM s.start_time) * 1000000)::bigint::numeric * 1000 + s.start_nanos END::text
               AS started,
           CASE WHEN s.end_time BETWEEN '1970-01-01Z' AND '2554-07-21 23:34:33.709551Z'
                THEN (extract(epoch FROM s.end_time) * 1000000)::bigint::numeric * 1000 + s.end_nanos END::text AS ended
    FROM enterprise.trace_spans AS s
    WHERE s.trace_id = $1 AND s.start_time BETWEEN $2 AND $3
    ORDER BY s.start_time, s.start_nanos, s.span_id, s.end_time IS NULL, s.batch DESC, s.id
) AS span
LEFT JOIN enterprise.resources AS resource ON resource.id = span.resource_id
LEFT JOIN enterprise.scopes AS scope ON scope.id = span.scope_id
ORDER BY span.resource_id, span.service_name, span.scope_id, span.start_time, span.start_nanos, span.span_id
