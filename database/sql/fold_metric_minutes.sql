-- Computes anew every minute of a series that got points in the batches given ($1 writers, each with its batches
-- beyond $2 up to $3), and the minute of the point that follows a late one. $4 is the least time: older points may be
-- gone in part. $5 and $6 are the least of $2 and the greatest of $3: constants let the planner find the BRIN index.
-- A number whose size is beyond 1e290 counts as infinite: sums of such would overflow, which is an error.
WITH given AS MATERIALIZED (
    SELECT * FROM unnest($1::integer[], $2::bigint[], $3::bigint[]) AS g(writer, after, upto)
), touched AS MATERIALIZED (
    SELECT DISTINCT p.series_id, date_trunc('minute', p.time, 'UTC') AS minute
    FROM enterprise.metric_points AS p
    JOIN given AS g ON g.writer = p.writer AND p.batch > g.after AND p.batch <= g.upto
    WHERE p.batch > $5 AND p.batch <= $6 AND p.time >= $4
), due AS MATERIALIZED (
    SELECT series_id, minute FROM touched
    UNION
    SELECT t.series_id, date_trunc('minute', n.time, 'UTC')
    FROM touched AS t
    CROSS JOIN LATERAL (
        SELECT p.time FROM enterprise.metric_points AS p
        WHERE p.series_id = t.series_id AND p.time >= t.minute + interval '1 minute'
          AND p.time < t.minute + interval '1 day'
        ORDER BY p.time
        LIMIT 1) AS n
), points AS (
    SELECT d.series_id, d.minute, s.type, s.temporality, s.monotonic, p.baseline, p.time, p.time_nanos, p.start_time,
           p.start_nanos, p.count, p.min, p.max, p.bounds_id, p.bucket_counts, p.scale, p.zero_count, p.zero_threshold,
           p.positive_offset, p.positive_counts, p.negative_offset, p.negative_counts,
           CASE WHEN p.value > 1e290 AND p.value < 'Infinity' THEN 'Infinity'::float
                WHEN p.value < -1e290 AND p.value > '-Infinity' THEN '-Infinity'::float
                ELSE p.value END AS value,
           CASE WHEN p.sum > 1e290 AND p.sum < 'Infinity' THEN 'Infinity'::float
                WHEN p.sum < -1e290 AND p.sum > '-Infinity' THEN '-Infinity'::float
                ELSE p.sum END AS sum
    FROM due AS d
    JOIN enterprise.metric_series AS s ON s.id = d.series_id
    CROSS JOIN LATERAL (
        SELECT false AS baseline, m.* FROM enterprise.metric_points AS m
        WHERE m.series_id = d.series_id AND m.time >= d.minute AND m.time < d.minute + interval '1 minute'
          AND coalesce(m.flags & 1, 0) = 0
        UNION ALL
        (SELECT true, m.* FROM enterprise.metric_points AS m
         WHERE m.series_id = d.series_id AND m.time < d.minute AND m.time >= d.minute - interval '1 day'
           AND coalesce(m.flags & 1, 0) = 0 AND (s.temporality = 'cumulative' OR s.type = 'summary')
         ORDER BY m.time DESC, m.start_time DESC NULLS LAST, m.time_nanos DESC, m.start_nanos DESC
         LIMIT 1)) AS p
), paired AS (
    SELECT p.*, lag(p.time) OVER w AS prev_time, lag(p.start_time) OVER w AS prev_start, lag(p.value) OVER w AS prev_value,
           lag(p.count) OVER w AS prev_count, lag(p.sum) OVER w AS prev_sum, lag(p.bounds_id) OVER w AS prev_bounds,
           lag(p.bucket_counts) OVER w AS prev_buckets, lag(p.scale) OVER w AS prev_scale,
           lag(p.zero_count) OVER w AS prev_zero, lag(p.positive_offset) OVER w AS prev_positive_offset,
           lag(p.positive_counts) OVER w AS prev_positive, lag(p.negative_offset) OVER w AS prev_negative_offset,
           lag(p.negative_counts) OVER w AS prev_negative
    FROM points AS p
    WINDOW w AS (PARTITION BY p.series_id, p.minute
                 ORDER BY p.time, p.time_nanos, p.start_time NULLS FIRST, p.start_nanos)
), judged AS (
    -- Whole: the point says itself how much was added. Of what is cumulative that is so after a reset, and for the
    -- first point of a series that began within five minutes before it; of an older one the beginning is unknown.
    SELECT p.*, CASE
               WHEN p.temporality = 'delta' THEN true
               WHEN p.temporality = 'cumulative' OR p.type = 'summary' THEN CASE
                   WHEN p.prev_time IS NULL THEN p.start_time >= p.time - interval '5 minutes'
                   ELSE coalesce(p.start_time > p.prev_start, false)
                        OR coalesce(p.value < p.prev_value, false)
                        OR coalesce(p.count < p.prev_count, false)
                        OR p.bounds_id IS DISTINCT FROM p.prev_bounds
               END
           END AS whole,
           CASE WHEN p.start_time < p.time
                     AND (p.temporality = 'delta' OR p.start_time > p.prev_start OR p.prev_time IS NULL)
                THEN p.start_time
                WHEN p.temporality IS DISTINCT FROM 'delta' THEN p.prev_time END AS since
    FROM paired AS p
    WHERE NOT p.baseline
), stepped AS (
    SELECT j.*, coalesce(j.whole, false) OR (j.whole IS NOT NULL AND j.prev_time IS NOT NULL) AS counts,
           last_value(j.bounds_id) OVER everything AS kept_bounds,
           min(CASE WHEN j.whole THEN j.scale ELSE least(j.scale, j.prev_scale) END) OVER everything AS kept_scale
    FROM judged AS j
    WINDOW everything AS (PARTITION BY j.series_id, j.minute
                          ORDER BY j.time, j.time_nanos, j.start_time NULLS FIRST, j.start_nanos
                          ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
), totals AS (
    SELECT s.series_id, s.minute, count(*) AS points, sum(s.value) AS value_sum, min(s.value) AS value_min,
           max(s.value) AS value_max,
           (array_agg(s.value ORDER BY s.time DESC, s.time_nanos DESC, s.start_time DESC NULLS LAST))[1] AS last,
           max(s.time) AS last_time,
           sum(CASE WHEN s.whole THEN s.value ELSE s.value - s.prev_value END)
               FILTER (WHERE s.type = 'sum' AND s.counts AND (s.monotonic OR s.temporality = 'delta')) AS increase,
           sum(extract(epoch FROM s.time - s.since)::float) FILTER (WHERE s.counts) AS covered,
           sum(CASE WHEN s.whole THEN s.count ELSE s.count - s.prev_count END) FILTER (WHERE s.counts) AS count,
           sum(CASE WHEN s.whole THEN s.sum ELSE s.sum - s.prev_sum END) FILTER (WHERE s.counts) AS sum,
           min(s.min) FILTER (WHERE s.temporality = 'delta') AS min,
           max(s.max) FILTER (WHERE s.temporality = 'delta') AS max,
           min(s.kept_bounds) AS bounds_id, min(s.kept_scale) AS scale,
           sum(CASE WHEN s.whole THEN s.zero_count
                    WHEN s.zero_count > s.prev_zero THEN s.zero_count - s.prev_zero
                    ELSE s.zero_count * 0 END) FILTER (WHERE s.counts) AS zero_count,
           max(s.zero_threshold) AS zero_threshold
    FROM stepped AS s
    GROUP BY s.series_id, s.minute
), buckets AS (
    SELECT s.series_id, s.minute, b.positive, b.bucket, sum(b.number) AS number
    FROM stepped AS s
    CROSS JOIN LATERAL (
        SELECT true AS positive, (u.place - 1)::integer AS bucket, u.number
        FROM unnest(s.bucket_counts) WITH ORDINALITY AS u(number, place)
        UNION ALL
        SELECT true, (u.place - 1)::integer, -u.number
        FROM unnest(s.prev_buckets) WITH ORDINALITY AS u(number, place) WHERE NOT s.whole
        UNION ALL
        SELECT true, ((s.positive_offset + u.place - 1) >> least(s.scale - s.kept_scale, 62))::integer, u.number
        FROM unnest(s.positive_counts) WITH ORDINALITY AS u(number, place)
        UNION ALL
        SELECT true, ((s.prev_positive_offset + u.place - 1) >> least(s.prev_scale - s.kept_scale, 62))::integer,
               -u.number
        FROM unnest(s.prev_positive) WITH ORDINALITY AS u(number, place) WHERE NOT s.whole
        UNION ALL
        SELECT false, ((s.negative_offset + u.place - 1) >> least(s.scale - s.kept_scale, 62))::integer, u.number
        FROM unnest(s.negative_counts) WITH ORDINALITY AS u(number, place)
        UNION ALL
        SELECT false, ((s.prev_negative_offset + u.place - 1) >> least(s.prev_scale - s.kept_scale, 62))::integer,
               -u.number
        FROM unnest(s.prev_negative) WITH ORDINALITY AS u(number, place) WHERE NOT s.whole
    ) AS b
    WHERE s.counts AND b.number <> 0 AND s.bounds_id IS NOT DISTINCT FROM s.kept_bounds
    GROUP BY s.series_id, s.minute, b.positive, b.bucket
    HAVING sum(b.number) > 0
), merged AS (
    SELECT series_id, minute,
           array_agg(bucket ORDER BY bucket) FILTER (WHERE positive) AS buckets,
           array_agg(least(number, 9223372036854775807)::bigint ORDER BY bucket) FILTER (WHERE positive) AS bucket_counts,
           array_agg(bucket ORDER BY bucket) FILTER (WHERE NOT positive) AS negative_buckets,
           array_agg(least(number, 9223372036854775807)::bigint ORDER BY bucket)
               FILTER (WHERE NOT positive) AS negative_counts
    FROM buckets
    GROUP BY series_id, minute
), folded AS (
    INSERT INTO enterprise.metric_minutes (
        series_id, minute, points, value_sum, value_min, value_max, last, last_time, increase, covered, count, sum, min,
        max, bounds_id, scale, zero_count, zero_threshold, buckets, bucket_counts, negative_buckets, negative_counts)
    SELECT series_id, minute, t.points, t.value_sum, t.value_min, t.value_max, t.last, t.last_time, t.increase,
           t.covered, CASE WHEN t.count IS NOT NULL THEN least(t.count, 9223372036854775807)::bigint END, t.sum, t.min,
           t.max, t.bounds_id, t.scale, CASE WHEN t.zero_count IS NOT NULL THEN least(t.zero_count, 9223372036854775807)::bigint END,
           t.zero_threshold, m.buckets, m.bucket_counts, m.negative_buckets, m.negative_counts
    FROM totals AS t
    LEFT JOIN merged AS m USING (series_id, minute)
    ON CONFLICT (series_id, minute) DO UPDATE SET
        points = excluded.points, value_sum = excluded.value_sum, value_min = excluded.value_min,
        value_max = excluded.value_max, last = excluded.last, last_time = excluded.last_time,
        increase = excluded.increase, covered = excluded.covered, count = excluded.count, sum = excluded.sum,
        min = excluded.min, max = excluded.max, bounds_id = excluded.bounds_id, scale = excluded.scale,
        zero_count = excluded.zero_count, zero_threshold = excluded.zero_threshold, buckets = excluded.buckets,
        bucket_counts = excluded.bucket_counts, negative_buckets = excluded.negative_buckets,
        negative_counts = excluded.negative_counts
), hours AS (
    INSERT INTO enterprise.metric_hours_due (hour, series_id)
    SELECT DISTINCT date_trunc('hour', minute, 'UTC'), series_id FROM totals
    ON CONFLICT DO NOTHING
)
SELECT count(*) FROM totals
