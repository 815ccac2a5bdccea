-- Of this service ($1) and kind ($2, null for all), $3 at most.
SELECT DISTINCT operation_name, kind
FROM enterprise.operations
WHERE service_name = enterprise.short_name($1) AND ($2::smallint IS NULL OR kind = $2)
ORDER BY operation_name, kind
LIMIT $3
