-- When each of the series $1 had its last value from $2 to $3; null where it had none.
SELECT wanted.series_id, point.time
FROM unnest($1::bigint[]) AS wanted(series_id)
LEFT JOIN LATERAL (
    SELECT time
    FROM enterprise.metric_points
    WHERE series_id = wanted.series_id AND time >= $2 AND time < $3 AND coalesce(flags & 1, 0) = 0
    ORDER BY time DESC
    LIMIT 1) AS point ON true
