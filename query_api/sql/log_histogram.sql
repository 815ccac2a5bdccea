SELECT floor(extract(epoch FROM timestamp) / $3::bigint)::bigint AS bucket, level, count(*) AS logs
FROM enterprise.structured_logs AS log
WHERE timestamp >= $1 AND timestamp < $2
  AND {matches}
GROUP BY 1, 2
ORDER BY 1, 2
