SELECT coalesce(json_object_agg(level, logs ORDER BY logs DESC, level), '{}')::text
FROM (SELECT level, count(*) AS logs FROM enterprise.structured_logs WHERE timestamp >= $1 GROUP BY level) AS counted
