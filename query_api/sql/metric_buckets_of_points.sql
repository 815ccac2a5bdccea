-- What each point added to each bucket: its own counts, less those of the point before. Of two scales the lower one.
SELECT p.series_id, p.time, p.bounds_id, p.kept_scale AS scale, b.positive, b.bucket, b.number
FROM (SELECT j.*, CASE WHEN j.whole THEN j.scale ELSE least(j.scale, j.prev_scale) END AS kept_scale
      FROM ({points}) AS j
      WHERE j.counts
      OFFSET 0) AS p
CROSS JOIN LATERAL (
    SELECT true AS positive, (u.place - 1)::integer AS bucket, u.number
    FROM unnest(p.bucket_counts) WITH ORDINALITY AS u(number, place)
    UNION ALL
    SELECT true, (u.place - 1)::integer, -u.number
    FROM unnest(p.prev_buckets) WITH ORDINALITY AS u(number, place) WHERE NOT p.whole
    UNION ALL
    SELECT true, ((p.positive_offset + u.place - 1) >> least(p.scale - p.kept_scale, 62))::integer, u.number
    FROM unnest(p.positive_counts) WITH ORDINALITY AS u(number, place)
    UNION ALL
    SELECT true, ((p.prev_positive_offset + u.place - 1) >> least(p.prev_scale - p.kept_scale, 62))::integer, -u.number
    FROM unnest(p.prev_positive) WITH ORDINALITY AS u(number, place) WHERE NOT p.whole
    UNION ALL
    SELECT false, ((p.negative_offset + u.place - 1) >> least(p.scale - p.kept_scale, 62))::integer, u.number
    FROM unnest(p.negative_counts) WITH ORDINALITY AS u(number, place)
    UNION ALL
    SELECT false, ((p.prev_negative_offset + u.place - 1) >> least(p.prev_scale - p.kept_scale, 62))::integer, -u.number
    FROM unnest(p.prev_negative) WITH ORDINALITY AS u(number, place) WHERE NOT p.whole) AS b
