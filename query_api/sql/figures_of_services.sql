SELECT coalesce(floor(extract(epoch FROM quarter) / $5::bigint), 0)::bigint AS step, service_name,
       '' AS operation_name, (-1)::smallint AS kind, entry, spans, errors, duration_ms, buckets, counts, p50, p95, p99,
       last_minute
FROM enterprise.service_quarters
WHERE quarter >= $3 AND quarter < $4 AND ($6::text IS NULL OR service_name = enterprise.short_name($6::text))
UNION ALL
SELECT coalesce(floor(extract(epoch FROM m.minute) / $5::bigint), 0)::bigint, enterprise.short_name(o.service_name),
       '', -1, o.kind IN (2, 5), m.spans, m.errors, m.duration_ms, m.buckets, m.counts, NULL, NULL, NULL, m.minute
FROM enterprise.operation_minutes AS m
JOIN enterprise.operations AS o ON o.id = m.operation
WHERE (m.minute >= $1 AND m.minute < $3 OR m.minute >= $4 AND m.minute < $2)
  AND ($6::text IS NULL OR o.service_name = $6::text)
UNION ALL
SELECT coalesce(floor(extract(epoch FROM n.minute) / $5::bigint), 0)::bigint, enterprise.short_name(o.service_name),
       '', -1, o.kind IN (2, 5), n.spans, n.errors, n.duration_ms, n.buckets, n.counts, NULL, NULL, NULL, n.minute
FROM enterprise.operation_news AS n
JOIN enterprise.operations AS o ON o.id = n.operation
WHERE n.minute >= $1 AND n.minute < $2 AND ($6::text IS NULL OR o.service_name = $6::text)
