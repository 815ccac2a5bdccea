-- Logs from $1 to $2 by level and service: the whole minutes from $3 to $4 as they were counted when they came, and the
-- rows of the parts of minutes before and after, which are not read where their minutes hold none.
WITH minutes AS MATERIALIZED (
    SELECT minute, level, nullif(service_name, '') AS service_name, logs
    FROM enterprise.log_minutes
    WHERE minute >= $3::timestamptz - interval '1 minute' AND minute <= $4::timestamptz
    UNION ALL
    SELECT delta.minute, delta.level, nullif(delta.service, ''), delta.logs
    FROM enterprise.log_deltas
    CROSS JOIN LATERAL unnest(minutes, services, levels, logs) AS delta(minute, service, level, logs)
    WHERE delta.minute >= $3::timestamptz - interval '1 minute' AND delta.minute <= $4::timestamptz
)
SELECT {labels} AS labels, {figure} AS value
FROM (
    SELECT level, service_name, logs FROM minutes WHERE minute >= $3 AND minute < $4
    UNION ALL
    SELECT level, service_name, 1
    FROM enterprise.structured_logs
    WHERE timestamp >= $1 AND timestamp < $3
      AND EXISTS (SELECT FROM minutes AS log WHERE minute < $3 AND {matches})
    UNION ALL
    SELECT level, service_name, 1
    FROM enterprise.structured_logs
    WHERE timestamp >= $4 AND timestamp < $2
      AND EXISTS (SELECT FROM minutes AS log WHERE minute = $4 AND {matches})
) AS log
WHERE {matches}
GROUP BY labels
LIMIT {most}
