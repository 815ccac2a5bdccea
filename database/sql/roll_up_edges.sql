-- Computes a quarter ($1) anew from its minutes: of the edges given ($2), or of all (null).
WITH minutes AS (
    SELECT minute, edge, calls, errors, duration_ms, buckets, counts FROM enterprise.edge_minutes
    WHERE minute >= $1 AND minute < $1::timestamptz + interval '15 minutes'
      AND ($2::bigint[] IS NULL OR edge = ANY ($2::bigint[]))
), totals AS (
    SELECT edge, sum(calls) AS calls, sum(errors) AS errors, sum(duration_ms) AS duration_ms,
           max(minute) AS last_minute
    FROM minutes
    GROUP BY edge
), histograms AS (
    SELECT edge, array_agg(bucket ORDER BY bucket) AS buckets, array_agg(calls ORDER BY bucket) AS counts
    FROM (SELECT edge, bucket, sum(number)::bigint AS calls
          FROM (SELECT edge, unnest(buckets) AS bucket, unnest(counts) AS number FROM minutes) AS e
          GROUP BY edge, bucket) AS b
    GROUP BY edge
)
INSERT INTO enterprise.edge_quarters (quarter, edge, calls, errors, duration_ms, buckets, counts, last_minute)
SELECT $1, edge, t.calls, t.errors, t.duration_ms, coalesce(h.buckets, '{}'), coalesce(h.counts, '{}'), t.last_minute
FROM totals AS t LEFT JOIN histograms AS h USING (edge)
ON CONFLICT (quarter, edge) DO UPDATE SET
    calls = excluded.calls, errors = excluded.errors, duration_ms = excluded.duration_ms,
    buckets = excluded.buckets, counts = excluded.counts, last_minute = excluded.last_minute
