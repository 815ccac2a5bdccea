SELECT count(*)
FROM (SELECT FROM enterprise.metric_points
      WHERE series_id = ANY ($1::bigint[]) AND time >= $2 AND time < $3
      LIMIT $4) AS p
