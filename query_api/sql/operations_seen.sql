-- Names of operations, or of their services, that begin with $3 in any case and were sent since $1; $2 service, null
-- for all. Writers say daily that they still send one. $4 at most.
SELECT DISTINCT {column} AS value
FROM enterprise.operations
WHERE last_seen >= $1::timestamptz - interval '1 day' AND ($2::text IS NULL OR service_name = $2)
  AND starts_with(lower({column}), lower($3::text))
ORDER BY value
LIMIT $4
