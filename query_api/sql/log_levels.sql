SELECT coalesce(json_object_agg(level, logs ORDER BY logs DESC, level), json_build_object())::text
FROM (
    SELECT level, count(*) AS logs
    FROM enterprise.structured_logs AS log
    WHERE timestamp >= $1 AND {matches}
    GROUP BY level
) AS counted
