-- Times in nanoseconds since 1970, those beyond 292 years from it drawn in; no end before its start. Of a span that
-- came twice rather the row that has ended, rather the later one.
SELECT id, span_id, parent_span_id, service_name, operation_name, started,
       CASE WHEN end_time IS NOT NULL THEN greatest(started, ended) END AS ended,
       coalesce(status = 'error', false) AS failed
FROM (
    SELECT DISTINCT ON (span.start_time, span.start_nanos, span.span_id)
           span.id, span.span_id, span.parent_span_id, span.service_name, span.operation_name, span.end_time, span.status,
           (least(greatest(date_part('epoch', span.start_time), -9.2e9), 9.2e9) * 1e6)::bigint * 1000 + span.start_nanos
               AS started,
           (least(greatest(date_part('epoch', span.end_time), -9.2e9), 9.2e9) * 1e6)::bigint * 1000 + span.end_nanos
               AS ended
    FROM enterprise.trace_spans AS span
    WHERE span.trace_id = $1 AND span.start_time BETWEEN $2 AND $3
    ORDER BY span.start_time, span.start_nanos, span.span_id, span.end_time IS NULL, span.batch DESC, span.id
    LIMIT $4
) AS span
