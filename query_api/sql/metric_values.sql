-- Series $1 with the number of their group $2 and the kind of their values $3 (value, delta or distribution), in steps
-- of $4 seconds, counted from $8, aggregated as $5 says; $6 is now. Of the groups those $7 whose values are greatest.
WITH wanted AS MATERIALIZED (
    SELECT * FROM unnest($1::bigint[], $2::integer[], $3::text[]) AS w(series_id, place, kind)
), stepped AS (
    SELECT r.series_id, floor(extract(epoch FROM r.time - $8::timestamptz) / $4::bigint)::bigint AS step, sum(r.points) AS points,
           sum(r.value_sum) AS value_sum, min(r.value_min) AS value_min, max(r.value_max) AS value_max,
           (array_agg(r.last ORDER BY r.last_time DESC))[1] AS last, max(r.last_time) AS last_time,
           min(r.last_time) AS first_time, sum(r.increase) AS increase, sum(r.covered) AS covered,
           sum(r.count) AS count, sum(r.sum) AS sum, sum(r.count) FILTER (WHERE r.sum IS NOT NULL) AS summed,
           min(r.min) AS min, max(r.max) AS max,
           bool_and(r.min IS NOT NULL AND r.max IS NOT NULL) FILTER (WHERE r.count > 0) AS bounded,
           sum(r.zero_count) AS zero_count, max(r.zero_threshold) AS zero_threshold
    FROM ({rows}) AS r
    GROUP BY r.series_id, step
), timed AS (
    -- A step that is not over yet lasts until now. A point that does not say since when it counts (a delta without a
    -- start) is taken for a minute's, or a step's where that is less.
    SELECT s.*, w.place, w.kind, greatest(
               coalesce(s.covered, least($4::bigint, 60)),
               CASE WHEN s.step * $4::bigint < extract(epoch FROM $6::timestamptz - $8)
                    THEN least($4::bigint, extract(epoch FROM $6::timestamptz - $8) - s.step * $4::bigint)
                    ELSE $4::bigint END::float) AS seconds
    FROM stepped AS s
    JOIN wanted AS w USING (series_id)
), grouped AS (
    SELECT t.place, t.step,
           CASE $5::text
               WHEN 'avg' THEN coalesce(
                   sum(t.value_sum) / nullif(sum(t.points) FILTER (WHERE t.value_sum IS NOT NULL), 0)::float,
                   sum(t.sum) / nullif(sum(t.summed), 0)::float)
               WHEN 'sum' THEN sum(CASE t.kind WHEN 'value' THEN t.last WHEN 'delta' THEN t.value_sum ELSE t.sum END)
               WHEN 'min' THEN min(CASE WHEN t.kind <> 'distribution' THEN t.value_min WHEN t.bounded THEN t.min END)
               WHEN 'max' THEN max(CASE WHEN t.kind <> 'distribution' THEN t.value_max WHEN t.bounded THEN t.max END)
               WHEN 'last' THEN (array_agg(t.last ORDER BY t.last_time DESC))[1]
               WHEN 'count' THEN sum(CASE WHEN t.kind = 'distribution' THEN t.count ELSE t.points END)::float
               WHEN 'increase' THEN sum(coalesce(t.increase, t.count))
               WHEN 'rate' THEN sum(coalesce(t.increase, t.count) / t.seconds)
               ELSE nullif(sum(t.count), 0)::float
           END AS value,
           sum(t.count)::float AS count, sum(t.zero_count)::float AS zero_count,
           max(t.zero_threshold) AS zero_threshold,
           CASE WHEN bool_and(t.bounded) THEN min(t.min) END AS least,
           CASE WHEN bool_and(t.bounded) THEN max(t.max) END AS greatest
    FROM timed AS t
    GROUP BY t.place, t.step
), kept AS (
    SELECT g.place, row_number() OVER (ORDER BY avg(g.value) DESC, g.place) AS rank, count(*) OVER () AS groups
    FROM grouped AS g
    WHERE g.value IS NOT NULL
    GROUP BY g.place
    ORDER BY rank
    LIMIT $7
), intervals AS (
    SELECT extract(epoch FROM max(s.last_time) - min(s.first_time))::float / (sum(s.points) - 1)::float AS seconds
    FROM stepped AS s
    GROUP BY s.series_id
    HAVING sum(s.points) > 1
)
SELECT g.*, k.groups, (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY i.seconds) FROM intervals AS i) AS interval
FROM kept AS k
JOIN grouped AS g USING (place)
WHERE g.value IS NOT NULL
ORDER BY k.rank, g.step
