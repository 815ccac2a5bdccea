-- The category is the first that fits, by the span's name or by what it says of itself.
SELECT span.id, span.kind,
       CASE WHEN operation_name ILIKE '%rag%'
                OR tags ->> 'gen_ai.operation.name' = 'retrieval'
                OR tags ->> 'openinference.span.kind' IN ('RETRIEVER', 'RERANKER') THEN 'rag'
            WHEN operation_name ILIKE '%llm%'
                OR tags ?| ARRAY['gen_ai.operation.name', 'llm.request.type', 'openinference.span.kind'] THEN 'llm'
            WHEN operation_name ILIKE '%http%'
                OR tags ?| ARRAY['http.request.method', 'http.response.status_code', 'http.route',
                                 'http.method', 'http.status_code', 'http.url', 'http.target'] THEN 'http'
            ELSE 'other'
       END AS category,
       CASE jsonb_typeof(logs) WHEN 'array' THEN jsonb_array_length(logs) ELSE 0 END AS events,
       CASE jsonb_typeof(logs) WHEN 'array' THEN nullif(jsonb_path_query_array(logs, '$[*].timestamp'), '[]')::text END
           AS event_times,
       CASE jsonb_typeof(links) WHEN 'array' THEN jsonb_array_length(links) ELSE 0 END AS links
FROM enterprise.trace_spans AS span
WHERE trace_id = $1 AND start_time BETWEEN $2 AND $3
