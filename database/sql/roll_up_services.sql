-- Computes a quarter ($1) anew from that of its operations: of the services that have the operations given ($2), or of
-- all (null).
WITH operations AS (
    SELECT id, enterprise.short_name(service_name) AS service_name, kind IN (2, 5) AS entry FROM enterprise.operations
), quarters AS (
    SELECT o.service_name, o.entry, q.spans, q.errors, q.duration_ms, q.buckets, q.counts, q.last_minute
    FROM enterprise.operation_quarters AS q
    JOIN operations AS o ON o.id = q.operation
    WHERE q.quarter = $1 AND ($2::bigint[] IS NULL OR o.service_name IN (
        SELECT changed.service_name FROM operations AS changed WHERE changed.id = ANY ($2::bigint[])))
), totals AS (
    SELECT service_name, entry, sum(spans) AS spans, sum(errors) AS errors, sum(duration_ms) AS duration_ms,
           max(last_minute) AS last_minute
    FROM quarters
    GROUP BY service_name, entry
), histograms AS (
    SELECT service_name, entry, array_agg(bucket ORDER BY bucket) AS buckets, array_agg(spans ORDER BY bucket) AS counts
    FROM (SELECT service_name, entry, bucket, sum(number)::bigint AS spans
          FROM (SELECT service_name, entry, unnest(buckets) AS bucket, unnest(counts) AS number FROM quarters) AS e
          GROUP BY service_name, entry, bucket) AS b
    GROUP BY service_name, entry
)
INSERT INTO enterprise.service_quarters
    (quarter, service_name, entry, spans, errors, duration_ms, buckets, counts, p50, p95, p99, last_minute)
SELECT $1, service_name, entry, t.spans, t.errors, t.duration_ms, h.buckets, h.counts,
       enterprise.percentile_bucket(h.buckets, h.counts, 0.5), enterprise.percentile_bucket(h.buckets, h.counts, 0.95),
       enterprise.percentile_bucket(h.buckets, h.counts, 0.99), t.last_minute
FROM totals AS t JOIN histograms AS h USING (service_name, entry)
ON CONFLICT (quarter, service_name, entry) DO UPDATE SET
    spans = excluded.spans, errors = excluded.errors, duration_ms = excluded.duration_ms,
    buckets = excluded.buckets, counts = excluded.counts,
    p50 = excluded.p50, p95 = excluded.p95, p99 = excluded.p99, last_minute = excluded.last_minute
