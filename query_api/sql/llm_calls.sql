SELECT to_json(page)::text AS item, page.timestamp::text AS time, page.trace_id || page.span_id AS id
FROM (
    SELECT timestamp, trace_id, span_id, service_name, operation_name, operation, provider, model, response_model,
           input_tokens, output_tokens, total_tokens, cached_tokens, cache_write_tokens, reasoning_tokens, cost_usd,
           cost_source, latency_ms, first_token_ms, error, error_type, cache_hit, user_email, department, session_id
    FROM enterprise.llm_call_metrics
    WHERE timestamp >= $1
      AND ($2::timestamptz IS NULL OR timestamp < $2)
      AND ($3::text IS NULL OR model = $3)
      AND ($4::text IS NULL OR provider = $4)
      AND ($5::text IS NULL OR operation = $5)
      AND ($6::text IS NULL OR service_name = $6)
      AND ($7::text IS NULL OR user_email = $7)
      AND ($8::text IS NULL OR department = $8)
      AND ($9::text IS NULL OR session_id = $9)
      AND ($10::boolean IS NULL OR error = $10)
      -- The first comparison prunes partitions, which that of rows does not.
      AND ($11::text IS NULL OR timestamp <= $11::text::timestamptz)
      AND ($11::text IS NULL OR (timestamp, trace_id || span_id) < ($11::text::timestamptz, $12::text))
    ORDER BY {order}timestamp DESC, trace_id || span_id DESC
    LIMIT $13 OFFSET $14
) AS page
