SELECT series_id, {time} AS time, points, value_sum, value_min, value_max, last, last_time, increase, covered, count,
       sum, min, max, zero_count, zero_threshold
FROM enterprise.{table}
WHERE series_id = ANY ($1::bigint[]) AND {time} >= {since} AND {time} < {until}
