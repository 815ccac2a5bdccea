-- Edges with calls from $1 on, before $2, of which the quarters from $3 on, before $4, are rolled up; with exact counts
-- and the buckets of durations, in no order: to rank them here takes longer. $5: of this service only. $6 at most.
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
), histograms AS (
    SELECT edge, array_agg(bucket) AS buckets, array_agg(calls) AS counts
    FROM (SELECT edge, bucket, sum(number)::bigint AS calls
          FROM (SELECT edge, unnest(f.buckets) AS bucket, unnest(f.counts)::float AS number
                FROM figures AS f
                JOIN totals USING (edge)) AS elements
          GROUP BY edge, bucket) AS sums
    GROUP BY edge
)
SELECT kind, source_type, source, target_type, target, system, calls, greatest(errors, 0) AS errors,
       greatest(duration_ms, 0) AS duration_ms, buckets, counts
FROM totals
JOIN histograms USING (edge)
ORDER BY calls DESC, edge
