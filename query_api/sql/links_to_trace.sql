-- The comparison of arrays is the one that trace_spans_links_idx answers.
SELECT to_json(found)::text
FROM (
    SELECT DISTINCT span.start_time AS from_start_time, span.trace_id AS from_trace_id, span.span_id AS from_span_id,
           span.operation_name AS from_operation_name, span.service_name AS from_service_name,
           link ->> 'trace_id' AS to_trace_id, link ->> 'span_id' AS to_span_id,
           coalesce(link -> 'attributes', '{}') AS attributes
    FROM enterprise.trace_spans AS span
    CROSS JOIN LATERAL jsonb_array_elements(CASE jsonb_typeof(span.links) WHEN 'array' THEN span.links END) AS link
    WHERE span.links IS NOT NULL
      AND jsonb_path_query_array(span.links, '$[*].trace_id') @> jsonb_build_array($1::text)
      AND span.start_time >= $2::timestamptz - $3::interval
      AND link ->> 'trace_id' = $1
      AND link ->> 'span_id' IS NOT NULL
      AND ($4::text IS NULL OR link ->> 'span_id' = $4)
    ORDER BY from_start_time, from_span_id
    LIMIT $5
) AS found
