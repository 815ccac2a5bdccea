SELECT count(*) AS lookups, count(*) FILTER (WHERE hit) AS hits,
       (100.0 * count(*) FILTER (WHERE hit) / nullif(count(*), 0))::float AS hit_rate
FROM enterprise.cache_lookups
WHERE timestamp >= $1 AND timestamp < $2
  AND ($3::text IS NULL OR service_name = $3)
  AND ($4::text IS NULL OR user_email = $4)
  AND ($5::text IS NULL OR department = $5)
