-- Folds the deltas of so many ($1) transactions into minutes. Says how many those were, and of the quarters before $2,
-- which are rolled up already, which operations they changed: parallel arrays.
WITH taken AS (
    DELETE FROM enterprise.operation_deltas
    WHERE ctid = ANY (ARRAY(SELECT ctid FROM enterprise.operation_deltas LIMIT $1 FOR UPDATE SKIP LOCKED))
    RETURNING minutes, operations, spans, errors, durations_ms, buckets
), numbered AS (
    SELECT row_number() OVER () AS number, taken.* FROM taken
), elements AS (
    SELECT d.minute, d.operation, d.spans, d.errors, d.duration_ms, n.buckets,
           sum(d.spans) OVER (PARTITION BY n.number ORDER BY d.place) AS upto
    FROM numbered AS n
    CROSS JOIN LATERAL unnest(n.minutes, n.operations, n.spans, n.errors, n.durations_ms)
         WITH ORDINALITY AS d(minute, operation, spans, errors, duration_ms, place)
), by_bucket AS (
    SELECT e.minute, e.operation, b.bucket, count(*) AS spans
    FROM elements AS e
    CROSS JOIN LATERAL unnest(e.buckets[e.upto - e.spans + 1 : e.upto]) AS b(bucket)
    GROUP BY e.minute, e.operation, b.bucket
), histograms AS (
    SELECT minute, operation, array_agg(bucket ORDER BY bucket) AS buckets, array_agg(spans ORDER BY bucket) AS counts
    FROM by_bucket
    GROUP BY minute, operation
), totals AS (
    SELECT minute, operation, sum(spans) AS spans, sum(errors) AS errors, sum(duration_ms) AS duration_ms
    FROM elements
    GROUP BY minute, operation
), folded AS (
    INSERT INTO enterprise.operation_minutes AS m (minute, operation, spans, errors, duration_ms, buckets, counts)
    SELECT minute, operation, t.spans, t.errors, t.duration_ms, h.buckets, h.counts
    FROM totals AS t
    JOIN histograms AS h USING (minute, operation)
    ORDER BY minute, operation
    ON CONFLICT (minute, operation) DO UPDATE SET
        spans = m.spans + excluded.spans,
        errors = m.errors + excluded.errors,
        duration_ms = m.duration_ms + excluded.duration_ms,
        (buckets, counts) = (
            SELECT array_agg(s.bucket ORDER BY s.bucket), array_agg(s.spans ORDER BY s.bucket)
            FROM (SELECT b.bucket, sum(b.spans)::bigint AS spans
                  FROM unnest(m.buckets || excluded.buckets, m.counts || excluded.counts) AS b(bucket, spans)
                  GROUP BY b.bucket) AS s)
)
SELECT (SELECT count(*) FROM taken) AS folded, coalesce(array_agg(quarter), '{}') AS quarters,
       coalesce(array_agg(operation), '{}') AS operations
FROM (
    SELECT DISTINCT date_bin('15 minutes', minute, 'epoch') AS quarter, operation FROM totals WHERE minute < $2
) AS changed
