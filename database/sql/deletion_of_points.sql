SELECT point.ctid
FROM enterprise.deletions AS sought
JOIN enterprise.{child} AS point ON point.{column} >= sought.rows_from AND point.{column} < sought.rows_to
WHERE sought.id = $1 AND point.ctid >= '({first},0)'::tid AND point.ctid < '({after},0)'::tid
  AND point.series_id IN (SELECT series_id FROM enterprise.deletion_series WHERE deletion = $1)
