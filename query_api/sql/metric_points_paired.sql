-- Points of the series $1 in a range, each beside the one before, and what it adds: `whole` says that it is itself what
-- was added, `counts` that it added anything that can be told, `since` when that began. As fold_metric_minutes judges.
-- OFFSET 0 keeps each judgement from being made again for every column that rests on it.
SELECT j.*, coalesce(j.whole, false) OR (j.whole IS NOT NULL AND j.follows) AS counts
FROM (
    SELECT f.*,
           CASE
               WHEN f.temporality = 'delta' THEN true
               WHEN f.temporality = 'cumulative' OR f.type = 'summary' THEN CASE
                   WHEN NOT f.follows THEN f.start_time >= f.time - interval '5 minutes'
                   ELSE coalesce(f.start_time > f.prev_start, false)
                        OR coalesce(f.value < f.prev_value, false)
                        OR coalesce(f.count < f.prev_count, false)
                        OR f.bounds_id IS DISTINCT FROM f.prev_bounds
               END
           END AS whole,
           CASE WHEN f.start_time < f.time
                     AND (f.temporality = 'delta' OR f.start_time > f.prev_start OR NOT f.follows)
                THEN f.start_time
                WHEN f.follows AND f.temporality IS DISTINCT FROM 'delta' THEN f.prev_time END AS since
    FROM (
        SELECT p.*,
               coalesce(p.prev_time >= date_trunc('minute', p.time, 'UTC') - interval '1 day', false) AS follows
        FROM (
            SELECT s.type, s.temporality, s.monotonic, m.*,
                   lag(m.time) OVER w AS prev_time, lag(m.start_time) OVER w AS prev_start,
                   lag(m.value) OVER w AS prev_value, lag(m.count) OVER w AS prev_count, lag(m.sum) OVER w AS prev_sum,
                   lag(m.bounds_id) OVER w AS prev_bounds, lag(m.bucket_counts) OVER w AS prev_buckets,
                   lag(m.scale) OVER w AS prev_scale, lag(m.zero_count) OVER w AS prev_zero,
                   lag(m.positive_offset) OVER w AS prev_positive_offset,
                   lag(m.positive_counts) OVER w AS prev_positive,
                   lag(m.negative_offset) OVER w AS prev_negative_offset,
                   lag(m.negative_counts) OVER w AS prev_negative
            FROM (
                SELECT false AS baseline, series_id, time, time_nanos, start_time, start_nanos,
                       CASE WHEN abs(value) > 1e290 AND value <> 'NaN' THEN sign(value) * float 'Infinity' ELSE value END AS value,
                       CASE WHEN abs(sum) > 1e290 AND sum <> 'NaN' THEN sign(sum) * float 'Infinity' ELSE sum END AS sum,
                       count, min, max, bounds_id, bucket_counts, scale, zero_count, zero_threshold, positive_offset,
                       positive_counts, negative_offset, negative_counts
                FROM enterprise.metric_points
                WHERE series_id = ANY ($1::bigint[]) AND time >= {since} AND time < {until}
                  AND coalesce(flags & 1, 0) = 0
                UNION ALL
                SELECT true, b.series_id, b.time, b.time_nanos, b.start_time, b.start_nanos,
                       CASE WHEN abs(b.value) > 1e290 AND b.value <> 'NaN' THEN sign(b.value) * float 'Infinity' ELSE b.value END,
                       CASE WHEN abs(b.sum) > 1e290 AND b.sum <> 'NaN' THEN sign(b.sum) * float 'Infinity' ELSE b.sum END,
                       b.count, b.min, b.max, b.bounds_id, b.bucket_counts, b.scale, b.zero_count, b.zero_threshold,
                       b.positive_offset, b.positive_counts, b.negative_offset, b.negative_counts
                FROM enterprise.metric_series AS s
                CROSS JOIN LATERAL (
                    SELECT * FROM enterprise.metric_points AS p
                    WHERE p.series_id = s.id AND p.time < {since} AND p.time >= {since} - interval '1 day'
                      AND coalesce(p.flags & 1, 0) = 0
                    ORDER BY p.time DESC, p.start_time DESC NULLS LAST, p.time_nanos DESC, p.start_nanos DESC
                    LIMIT 1) AS b
                WHERE s.id = ANY ($1::bigint[]) AND (s.temporality = 'cumulative' OR s.type = 'summary')) AS m
            JOIN enterprise.metric_series AS s ON s.id = m.series_id
            WINDOW w AS (PARTITION BY m.series_id
                         ORDER BY m.time, m.time_nanos, m.start_time NULLS FIRST, m.start_nanos)) AS p
        WHERE NOT p.baseline
        OFFSET 0) AS f
    OFFSET 0) AS j
