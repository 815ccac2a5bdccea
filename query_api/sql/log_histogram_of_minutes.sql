-- What was folded and what was not yet, so that the counts do not lag.
SELECT floor(extract(epoch FROM minute) / $3::bigint)::bigint AS bucket, level, sum(logs)::bigint AS logs
FROM (
    SELECT minute, level, logs FROM enterprise.log_minutes WHERE minute >= $1 AND minute < $2
    UNION ALL
    SELECT delta.minute, delta.level, delta.logs
    FROM enterprise.log_deltas
    CROSS JOIN LATERAL unnest(minutes, levels, logs) AS delta(minute, level, logs)
    WHERE delta.minute >= $1 AND delta.minute < $2
) AS counted
GROUP BY 1, 2
ORDER BY 1, 2
