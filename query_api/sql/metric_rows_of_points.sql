-- Points in the form of minutes and hours.
SELECT series_id, time, 1::bigint AS points, value AS value_sum, value AS value_min, value AS value_max, value AS last,
       time AS last_time,
       CASE WHEN counts AND type = 'sum' AND (monotonic OR temporality = 'delta')
            THEN CASE WHEN whole THEN value ELSE value - prev_value END END AS increase,
       CASE WHEN counts THEN extract(epoch FROM time - since)::float END AS covered,
       CASE WHEN counts THEN CASE WHEN whole THEN count ELSE count - prev_count END END AS count,
       CASE WHEN counts THEN CASE WHEN whole THEN sum ELSE sum - prev_sum END END AS sum,
       CASE WHEN temporality = 'delta' THEN min END AS min,
       CASE WHEN temporality = 'delta' THEN max END AS max,
       CASE WHEN counts THEN CASE WHEN whole THEN zero_count ELSE greatest(zero_count - prev_zero, 0) END
            END AS zero_count,
       zero_threshold
FROM ({points}
OFFSET 0) AS p
