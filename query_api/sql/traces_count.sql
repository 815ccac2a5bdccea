SELECT count(*)
FROM enterprise.traces
WHERE start_time >= $1
  AND ($2::text IS NULL OR status = $2)
  AND ($3::text IS NULL OR user_email = $3)
  AND ($4::float8 IS NULL OR duration_ms >= $4)
