-- Computes anew up to $2 hours of series that are over at $1 and whose minutes have changed. $3 is the least hour:
-- minutes of older ones may be gone in part.
WITH taken AS (
    DELETE FROM enterprise.metric_hours_due
    WHERE ctid = ANY (ARRAY(SELECT ctid FROM enterprise.metric_hours_due WHERE hour <= $1::timestamptz - interval '1 hour'
                            ORDER BY hour, series_id LIMIT $2 FOR UPDATE SKIP LOCKED))
    RETURNING hour, series_id
), minutes AS (
    SELECT t.hour, m.*,
           last_value(m.bounds_id) OVER everything AS kept_bounds, min(m.scale) OVER everything AS kept_scale
    FROM taken AS t
    JOIN enterprise.metric_minutes AS m
      ON m.series_id = t.series_id AND m.minute >= t.hour AND m.minute < t.hour + interval '1 hour'
    WHERE t.hour >= $3 AND m.minute >= (SELECT min(hour) FROM taken) AND m.minute <= $1
    WINDOW everything AS (PARTITION BY t.series_id, t.hour ORDER BY m.minute
                          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
), totals AS (
    SELECT series_id, hour, sum(points)::bigint AS points, sum(value_sum) AS value_sum, min(value_min) AS value_min,
           max(value_max) AS value_max, (array_agg(last ORDER BY last_time DESC))[1] AS last, max(last_time) AS last_time,
           sum(increase) AS increase, sum(covered) AS covered, sum(count) AS count, sum(sum) AS sum,
           min(min) AS min, max(max) AS max, min(kept_bounds) AS bounds_id, min(kept_scale) AS scale,
           sum(zero_count) AS zero_count, max(zero_threshold) AS zero_threshold
    FROM minutes
    GROUP BY series_id, hour
), buckets AS (
    SELECT m.series_id, m.hour, b.positive, b.bucket, least(sum(b.number), 9223372036854775807)::bigint AS number
    FROM minutes AS m
    CROSS JOIN LATERAL (
        SELECT true AS positive, (u.bucket::bigint >> least(coalesce(m.scale - m.kept_scale, 0), 62))::integer AS bucket,
               u.number
        FROM unnest(m.buckets, m.bucket_counts) AS u(bucket, number)
        UNION ALL
        SELECT false, (u.bucket::bigint >> least(coalesce(m.scale - m.kept_scale, 0), 62))::integer, u.number
        FROM unnest(m.negative_buckets, m.negative_counts) AS u(bucket, number)
    ) AS b
    WHERE m.bounds_id IS NOT DISTINCT FROM m.kept_bounds
    GROUP BY m.series_id, m.hour, b.positive, b.bucket
), merged AS (
    SELECT series_id, hour,
           array_agg(bucket ORDER BY bucket) FILTER (WHERE positive) AS buckets,
           array_agg(number ORDER BY bucket) FILTER (WHERE positive) AS bucket_counts,
           array_agg(bucket ORDER BY bucket) FILTER (WHERE NOT positive) AS negative_buckets,
           array_agg(number ORDER BY bucket) FILTER (WHERE NOT positive) AS negative_counts
    FROM buckets
    GROUP BY series_id, hour
), folded AS (
    INSERT INTO enterprise.metric_hours (
        series_id, hour, points, value_sum, value_min, value_max, last, last_time, increase, covered, count, sum, min,
        max, bounds_id, scale, zero_count, zero_threshold, buckets, bucket_counts, negative_buckets, negative_counts)
    SELECT series_id, hour, t.points, t.value_sum, t.value_min, t.value_max, t.last, t.last_time, t.increase, t.covered,
           CASE WHEN t.count IS NOT NULL THEN least(t.count, 9223372036854775807)::bigint END, t.sum, t.min, t.max,
           t.bounds_id, t.scale, CASE WHEN t.zero_count IS NOT NULL THEN least(t.zero_count, 9223372036854775807)::bigint END,
           t.zero_threshold, m.buckets, m.bucket_counts, m.negative_buckets, m.negative_counts
    FROM totals AS t
    LEFT JOIN merged AS m USING (series_id, hour)
    ON CONFLICT (series_id, hour) DO UPDATE SET
        points = excluded.points, value_sum = excluded.value_sum, value_min = excluded.value_min,
        value_max = excluded.value_max, last = excluded.last, last_time = excluded.last_time,
        increase = excluded.increase, count = excluded.count, sum = excluded.sum, min = excluded.min,
        max = excluded.max, bounds_id = excluded.bounds_id, scale = excluded.scale, zero_count = excluded.zero_count,
        zero_threshold = excluded.zero_threshold, buckets = excluded.buckets, bucket_counts = excluded.bucket_counts,
        negative_buckets = excluded.negative_buckets, negative_counts = excluded.negative_counts
)
SELECT count(*) FROM taken
