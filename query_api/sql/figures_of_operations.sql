SELECT coalesce(floor(extract(epoch FROM f.time) / $5::bigint), 0)::bigint AS step, o.service_name, o.operation_name,
       o.kind, false AS entry, f.spans, f.errors, f.duration_ms, f.buckets, f.counts, f.p50, f.p95, f.p99,
       f.last_minute
FROM enterprise.operations AS o
JOIN (
    SELECT quarter AS time, operation, spans, errors, duration_ms, buckets, counts, p50, p95, p99, last_minute
    FROM enterprise.operation_quarters
    WHERE quarter >= $3 AND quarter < $4
    UNION ALL
    SELECT minute, operation, spans, errors, duration_ms, buckets, counts, NULL, NULL, NULL, minute
    FROM enterprise.operation_minutes
    WHERE minute >= $1 AND minute < $3 OR minute >= $4 AND minute < $2
    UNION ALL
    SELECT minute, operation, spans, errors, duration_ms, buckets, counts, NULL, NULL, NULL, minute
    FROM enterprise.operation_news
    WHERE minute >= $1 AND minute < $2
) AS f ON f.operation = o.id
WHERE ($6::text IS NULL OR o.service_name = $6::text) AND ($7::text IS NULL OR o.operation_name = $7::text)
