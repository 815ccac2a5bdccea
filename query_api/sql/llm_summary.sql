-- Calls of models from $1 to $2, in steps of $3 seconds, in at most $4 groups. One row for all, and one for each step,
-- group, and step of a group; groups beyond $4 are one. A group of '' has no value.
WITH calls AS MATERIALIZED (
    SELECT coalesce({group_by}, '') AS "group", floor(extract(epoch FROM timestamp) / $3::bigint)::bigint AS step,
           cost_usd, error, cache_hit, latency_ms, first_token_ms, input_tokens, output_tokens, total_tokens,
           cached_tokens
    FROM enterprise.llm_call_metrics
    WHERE timestamp >= $1 AND timestamp < $2
      AND ($5::text IS NULL OR model = $5)
      AND ($6::text IS NULL OR provider = $6)
      AND ($7::text IS NULL OR operation = $7)
      AND ($8::text IS NULL OR service_name = $8)
      AND ($9::text IS NULL OR user_email = $9)
      AND ($10::text IS NULL OR department = $10)
), first_groups AS (
    SELECT "group", row_number() OVER (ORDER BY sum(cost_usd) DESC NULLS LAST, count(*) DESC, "group") AS place
    FROM calls
    GROUP BY "group"
    ORDER BY place
    LIMIT $4
), figures AS (
    SELECT grouping(place) = 0 AS of_group, grouping(step) = 0 AS of_step, place IS NULL AS others, place, step,
           nullif(min("group"), '') AS "group",
           count(*) AS calls,
           count(*) FILTER (WHERE error) AS errors,
           coalesce(100.0 * count(*) FILTER (WHERE error) / nullif(count(*), 0), 0)::float AS error_rate,
           coalesce(sum(cost_usd), 0) AS cost_usd,
           count(*) FILTER (WHERE cost_usd IS NULL) AS calls_without_cost,
           coalesce(sum(input_tokens), 0)::bigint AS input_tokens,
           coalesce(sum(output_tokens), 0)::bigint AS output_tokens,
           coalesce(sum(total_tokens), 0)::bigint AS total_tokens,
           coalesce(sum(cached_tokens), 0)::bigint AS cached_tokens,
           count(*) FILTER (WHERE cache_hit) AS cache_hits,
           avg(latency_ms) AS avg_ms,
           percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY latency_ms) AS latency,
           percentile_cont(0.95) WITHIN GROUP (ORDER BY first_token_ms) AS p95_first_token_ms
    FROM calls
    LEFT JOIN first_groups USING ("group")
    GROUP BY GROUPING SETS ((), (step), (place), (place, step))
)
SELECT of_group, of_step, others, "group", step, calls, errors, error_rate, cost_usd, calls_without_cost, input_tokens,
       output_tokens, total_tokens, cached_tokens, cache_hits, avg_ms, latency[1] AS p50_ms, latency[2] AS p95_ms,
       latency[3] AS p99_ms, p95_first_token_ms
FROM figures
ORDER BY place NULLS LAST, step NULLS FIRST
