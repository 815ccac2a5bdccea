SELECT timestamp::text AS time, service_name, resource_id
FROM enterprise.structured_logs
WHERE id = $1
  AND ($2::timestamptz IS NULL OR timestamp >= $2)
  AND ($3::timestamptz IS NULL OR timestamp < $3)
LIMIT 1
