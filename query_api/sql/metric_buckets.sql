-- Non-empty buckets of histograms by group ($2 for series $1) and step of $3 seconds, counted from $4: indexes into
-- bounds, or exponential ones of a scale.
SELECT n.place, n.step, n.scale, n.positive, m.bounds, array_agg(n.bucket) AS buckets, array_agg(n.number) AS counts
FROM (
    SELECT w.place, floor(extract(epoch FROM b.time - $4::timestamptz) / $3::bigint)::bigint AS step, b.bounds_id, b.scale, b.positive,
           b.bucket, sum(b.number)::float AS number
    FROM ({buckets}) AS b
    JOIN unnest($1::bigint[], $2::integer[]) AS w(series_id, place) USING (series_id)
    GROUP BY w.place, step, b.bounds_id, b.scale, b.positive, b.bucket
    HAVING sum(b.number) > 0) AS n
LEFT JOIN enterprise.metric_bounds AS m ON m.id = n.bounds_id
GROUP BY n.place, n.step, n.bounds_id, n.scale, n.positive, m.bounds
