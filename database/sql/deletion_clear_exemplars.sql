-- Examples of points that name what is sought go; the points stay.
UPDATE enterprise.{child} AS point SET exemplars = NULL
FROM enterprise.deletions AS sought
WHERE sought.id = $1 AND point.ctid >= '({first},0)'::tid AND point.ctid < '({after},0)'::tid
  AND point.exemplars IS NOT NULL AND point.time >= sought.rows_from AND point.time < sought.rows_to
  AND (enterprise.holds_value(point.exemplars, sought.user_email)
       OR enterprise.holds_value(point.exemplars, sought.session_id)
       OR enterprise.holds_value(point.exemplars, sought.attribute_value))
