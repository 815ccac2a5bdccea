SELECT r.series_id, r.{time} AS time, r.bounds_id, r.scale, b.positive, b.bucket, b.number
FROM enterprise.{table} AS r
CROSS JOIN LATERAL (
    SELECT true AS positive, u.bucket, u.number FROM unnest(r.buckets, r.bucket_counts) AS u(bucket, number)
    UNION ALL
    SELECT false, u.bucket, u.number FROM unnest(r.negative_buckets, r.negative_counts) AS u(bucket, number)) AS b
WHERE r.series_id = ANY ($1::bigint[]) AND r.{time} >= {since} AND r.{time} < {until}
