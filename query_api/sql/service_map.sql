-- Edges with calls from $1 on, before $2, of which the quarters from $3 on, before $4, are rolled up; with exact counts
-- and the buckets that hold the 50th, 95th and 99th percentile of durations. $5: of this service only. $6 at most.
WITH figures AS NOT MATERIALIZED (
    SELECT edge, calls, errors, duration_ms, buckets, counts FROM enterprise.edge_quarters
    WHERE quarter >= $3 AND quarter < $4
    UNION ALL
    SELECT edge, calls, errors, duration_ms, buckets, counts FROM enterprise.edge_minutes
    WHERE minute >= $1 AND minute < $3 OR minute >= $4 AND minute < $2
), totals AS MATERIALIZED (
    SELECT edge, kind, source_type, source, target_type, target, system, calls, errors, duration_ms
    FROM (SELECT edge, sum(calls)::bigint AS calls, sum(errors)::bigint AS errors, sum(duration_ms) AS duration_ms
          FROM figures
          GROUP BY edge
          HAVING sum(calls) > 0) AS f
    JOIN enterprise.edges AS e ON e.id = f.edge
    WHERE $5::text IS NULL OR enterprise.short_name($5::text) IN (
        CASE WHEN source_type = 'service' THEN source END, CASE WHEN target_type = 'service' THEN target END)
    ORDER BY calls DESC, edge
    LIMIT $6
), buckets AS MATERIALIZED (
    SELECT edge, bucket, sum(number) AS calls
    FROM (SELECT edge, unnest(f.buckets) AS bucket, unnest(f.counts)::float AS number
          FROM figures AS f
          JOIN totals USING (edge)) AS elements
    GROUP BY edge, bucket
), percentiles AS (
    SELECT edge, min(bucket) FILTER (WHERE upto >= calls * 0.5::float) AS p50,
           min(bucket) FILTER (WHERE upto >= calls * 0.95::float) AS p95,
           min(bucket) FILTER (WHERE upto >= calls * 0.99::float) AS p99
    FROM (SELECT edge, bucket, sum(calls) OVER (PARTITION BY edge ORDER BY bucket) AS upto,
                 sum(calls) OVER (PARTITION BY edge) AS calls
          FROM buckets) AS ranked
    GROUP BY edge
)
SELECT kind, source_type, source, target_type, target, system, calls, greatest(errors, 0) AS errors,
       greatest(duration_ms, 0) AS duration_ms, p50, p95, p99
FROM totals
JOIN percentiles USING (edge)
ORDER BY calls DESC, edge
