-- Deltas have one bucket a span, in the order of their operations; minutes have each bucket once, in rising order.
WITH counted AS (
    SELECT operation, spans, duration_ms, buckets[cardinality(buckets)] AS slowest
    FROM enterprise.operation_minutes
    WHERE minute >= $1
    UNION ALL
    SELECT each.operation, each.spans, each.duration_ms,
           (SELECT max(bucket) FROM unnest(each.buckets[each.upto - each.spans + 1 : each.upto]) AS bucket)
    FROM (
        SELECT part.*, delta.buckets, sum(part.spans) OVER (PARTITION BY delta.ctid ORDER BY part.place) AS upto
        FROM enterprise.operation_deltas AS delta
        CROSS JOIN LATERAL unnest(delta.minutes, delta.operations, delta.spans, delta.durations_ms)
             WITH ORDINALITY AS part(minute, operation, spans, duration_ms, place)
    ) AS each
    WHERE each.minute >= $1
)
SELECT operation.operation_name, sum(counted.spans)::bigint AS count,
       round((sum(counted.duration_ms) / sum(counted.spans))::numeric, 1)::float8 AS avg_ms,
       round((1.04 ^ (max(counted.slowest) - 0.5) / 1000)::numeric, 1)::float8 AS max_ms
FROM (
    SELECT operation, sum(spans) AS spans, sum(duration_ms) AS duration_ms, max(slowest) AS slowest
    FROM counted
    GROUP BY operation
) AS counted
JOIN enterprise.operations AS operation ON operation.id = counted.operation
GROUP BY operation.operation_name
ORDER BY sum(counted.duration_ms) / sum(counted.spans) DESC, operation.operation_name
LIMIT 10
