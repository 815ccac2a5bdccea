-- By span_id, since the index on id takes longer for hundreds of ids than a whole trace.
SELECT span.id, to_json(span)::text AS item
FROM (
    SELECT id, span_id, parent_span_id, operation_name, service_name, kind, start_time, start_nanos, end_time, end_nanos,
           duration_ms, status, error_message,
           CASE jsonb_typeof(logs) WHEN 'array' THEN jsonb_array_length(logs) ELSE 0 END AS events,
           CASE jsonb_typeof(links) WHEN 'array' THEN jsonb_array_length(links) ELSE 0 END AS links
    FROM enterprise.trace_spans
    WHERE trace_id = $1 AND start_time BETWEEN $2 AND $3 AND span_id = ANY ($4::text[])
) AS span
