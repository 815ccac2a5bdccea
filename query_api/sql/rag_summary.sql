-- Retrievals from $1 to $2, in steps of $3 seconds, in at most $4 groups. One row for all, and one for each step, group,
-- and step of a group; groups beyond $4 are one. A group of '' has no value.
WITH retrievals AS MATERIALIZED (
    SELECT coalesce({group_by}, '') AS "group", floor(extract(epoch FROM timestamp) / $3::bigint)::bigint AS step,
           error, documents, total_ms
    FROM enterprise.rag_metrics
    WHERE timestamp >= $1 AND timestamp < $2
      AND ($5::text IS NULL OR data_source = $5)
      AND ($6::text IS NULL OR service_name = $6)
      AND ($7::text IS NULL OR user_email = $7)
      AND ($8::text IS NULL OR department = $8)
), first_groups AS (
    SELECT "group", row_number() OVER (ORDER BY count(*) DESC, "group") AS place
    FROM retrievals
    GROUP BY "group"
    ORDER BY place
    LIMIT $4
), figures AS (
    SELECT grouping(place) = 0 AS of_group, grouping(step) = 0 AS of_step, place IS NULL AS others, place, step,
           nullif(min("group"), '') AS "group",
           count(*) AS retrievals,
           count(*) FILTER (WHERE error) AS errors,
           coalesce(100.0 * count(*) FILTER (WHERE error) / nullif(count(*), 0), 0)::float AS error_rate,
           avg(documents)::float AS avg_documents,
           count(*) FILTER (WHERE documents = 0) AS empty,
           avg(total_ms) AS avg_ms,
           percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY total_ms) AS latency
    FROM retrievals
    LEFT JOIN first_groups USING ("group")
    GROUP BY GROUPING SETS ((), (step), (place), (place, step))
)
SELECT of_group, of_step, others, "group", step, retrievals, errors, error_rate, avg_documents, empty, avg_ms,
       latency[1] AS p50_ms, latency[2] AS p95_ms, latency[3] AS p99_ms
FROM figures
ORDER BY place NULLS LAST, step NULLS FIRST
