-- Computes a quarter ($1) anew from its minutes: of the operations given ($2), or of all (null).
WITH minutes AS (
    SELECT minute, operation, spans, errors, duration_ms, buckets, counts FROM enterprise.operation_minutes
    WHERE minute >= $1 AND minute < $1::timestamptz + interval '15 minutes'
      AND ($2::bigint[] IS NULL OR operation = ANY ($2::bigint[]))
), totals AS (
    SELECT operation, sum(spans) AS spans, sum(errors) AS errors, sum(duration_ms) AS duration_ms,
           max(minute) AS last_minute
    FROM minutes
    GROUP BY operation
), histograms AS (
    SELECT operation, array_agg(bucket ORDER BY bucket) AS buckets, array_agg(spans ORDER BY bucket) AS counts
    FROM (SELECT operation, bucket, sum(number)::bigint AS spans
          FROM (SELECT operation, unnest(buckets) AS bucket, unnest(counts) AS number FROM minutes) AS e
          GROUP BY operation, bucket) AS b
    GROUP BY operation
)
INSERT INTO enterprise.operation_quarters
    (quarter, operation, spans, errors, duration_ms, buckets, counts, p50, p95, p99, last_minute)
SELECT $1, operation, t.spans, t.errors, t.duration_ms, h.buckets, h.counts,
       enterprise.percentile_bucket(h.buckets, h.counts, 0.5), enterprise.percentile_bucket(h.buckets, h.counts, 0.95),
       enterprise.percentile_bucket(h.buckets, h.counts, 0.99), t.last_minute
FROM totals AS t JOIN histograms AS h USING (operation)
ON CONFLICT (quarter, operation) DO UPDATE SET
    spans = excluded.spans, errors = excluded.errors, duration_ms = excluded.duration_ms,
    buckets = excluded.buckets, counts = excluded.counts,
    p50 = excluded.p50, p95 = excluded.p95, p99 = excluded.p99, last_minute = excluded.last_minute
