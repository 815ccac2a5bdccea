-- The rows of enterprise.gen_ai_spans that the spans of the traces $1 make, which lie between $2 and $3. $4 are the
-- attributes that mark a span worth a look, $5 the operations that are calls of a model.
WITH RECURSIVE spans AS MATERIALIZED (
    SELECT DISTINCT ON (s.trace_id, s.span_id) s.trace_id, s.span_id, nullif(s.parent_span_id, '') AS parent_span_id,
           s.start_time, s.status, s.service_name, s.operation_name,
           CASE WHEN s.duration_ms BETWEEN 0 AND 1e300 THEN s.duration_ms END AS duration_ms,
           CASE WHEN jsonb_typeof(s.tags) = 'object' AND s.tags ?| $4::text[] THEN s.tags END AS tags
    FROM enterprise.trace_spans AS s
    WHERE s.trace_id = ANY ($1::text[]) AND s.start_time BETWEEN $2 AND $3
    ORDER BY s.trace_id, s.span_id, s.start_time
), named AS MATERIALIZED (
    -- One pass over each object, which may be large and stored aside.
    SELECT s.trace_id, s.span_id, s.start_time, s.duration_ms, s.status, s.service_name, s.operation_name, f.*,
           {operation} AS operation,
           CASE WHEN openinference_kind = 'RETRIEVER'
                THEN (SELECT count(DISTINCT split_part(key, '.', 3)) FROM jsonb_object_keys(s.tags) AS key
                      WHERE key LIKE 'retrieval.documents.%') END AS flattened
    FROM spans AS s
    CROSS JOIN LATERAL (SELECT {columns} FROM jsonb_to_record(s.tags) AS a({record})) AS f
    WHERE s.tags IS NOT NULL
), roles AS MATERIALIZED (
    SELECT n.*, r.role
    FROM named AS n
    CROSS JOIN LATERAL (
        SELECT 'retrieval' AS role
        WHERE operation = 'retrieval' OR document_list IS NOT NULL OR document_count IS NOT NULL OR flattened > 0
              OR vector_top_k IS NOT NULL
        UNION ALL
        SELECT 'llm'
        WHERE operation = ANY ($5::text[])
              OR coalesce(input_tokens, output_tokens, total_tokens) IS NOT NULL OR cost_usd IS NOT NULL
              OR operation IS NULL AND provider IS NOT NULL AND request_model IS NOT NULL
        UNION ALL
        SELECT 'cache' WHERE cache_hit IS NOT NULL) AS r
), traces AS MATERIALIZED (
    SELECT trace_id, user_email, department, session_id FROM enterprise.traces WHERE trace_id = ANY ($1::text[])
), tree AS MATERIALIZED (
    SELECT s.trace_id, s.span_id, s.parent_span_id, coalesce(p.roles, '{{}}') AS roles
    FROM spans AS s
    LEFT JOIN (SELECT trace_id, span_id, array_agg(role) AS roles FROM roles GROUP BY 1, 2) AS p
        USING (trace_id, span_id)
), climb AS (
    -- From each span up to the nearest one of the same role. UNION ends a circle of parents.
    SELECT r.role, r.trace_id, r.span_id, t.parent_span_id AS at
    FROM roles AS r
    JOIN tree AS t USING (trace_id, span_id)
    UNION
    SELECT c.role, c.trace_id, c.span_id, t.parent_span_id
    FROM climb AS c
    JOIN tree AS t ON t.trace_id = c.trace_id AND t.span_id = c.at
    WHERE c.role <> ALL (t.roles)
), left_out AS (
    -- The inner of two retrievals, the outer of two others.
    SELECT DISTINCT c.role, c.trace_id, CASE c.role WHEN 'retrieval' THEN c.span_id ELSE c.at END AS span_id
    FROM climb AS c
    JOIN tree AS t ON t.trace_id = c.trace_id AND t.span_id = c.at
    WHERE c.role = ANY (t.roles) AND c.at <> c.span_id
)
SELECT r.role, o.span_id IS NULL AS counted,
       r.start_time AS timestamp, r.trace_id, r.span_id, r.service_name, r.operation_name, r.duration_ms,
       coalesce(r.status = 'error', false) AS error, r.error_type, coalesce(r.user_email, t.user_email) AS user_email,
       coalesce(r.department, t.department) AS department, coalesce(r.session_id, t.session_id) AS session_id,
       r.operation, lower(r.provider) AS provider, r.request_model, r.response_model, r.input_tokens, r.output_tokens,
       r.total_tokens, r.cache_read_tokens, r.cache_write_tokens, r.reasoning_tokens, r.first_token_ms, r.cost_usd,
       CASE WHEN r.cost_usd IS NOT NULL THEN 'reported' END AS cost_source, r.cache_hit, r.cache_name, r.data_source,
       CASE WHEN r.role = 'retrieval' THEN coalesce(
           r.document_count, nullif(r.flattened, 0), enterprise.elements_of(r.document_list)) END AS documents,
       coalesce(r.vector_top_k, CASE WHEN r.role = 'retrieval' THEN r.top_k END) AS top_k, left(r.query, 1000) AS query
FROM roles AS r
LEFT JOIN traces AS t USING (trace_id)
LEFT JOIN left_out AS o USING (role, trace_id, span_id)
