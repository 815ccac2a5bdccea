-- The fullest memory of hosts in percent, each by its latest point from $1 to $2: what the host says of itself, else the
-- share that a process has of it.
WITH latest AS MATERIALIZED (
    SELECT series.name, point.time, point.value, {labels} AS labels,
           coalesce(series.attributes ->> 'system.memory.state', series.attributes ->> 'state') AS state,
           coalesce(resource.attributes ->> 'host.id', resource.attributes ->> 'host.name',
                    series.resource_id::text) AS host
    FROM enterprise.metric_series AS series
    LEFT JOIN enterprise.resources AS resource ON resource.id = series.resource_id
    LEFT JOIN enterprise.scopes AS scope ON scope.id = series.scope_id
    CROSS JOIN LATERAL (
        SELECT time, value
        FROM enterprise.metric_points
        WHERE series_id = series.id AND time >= $1 AND time < $2 AND value IS NOT NULL
        ORDER BY time DESC
        LIMIT 1) AS point
    -- Writers say once a day that a series still lives.
    WHERE series.last_seen >= $1::timestamptz - interval '2 days'
      AND (series.name IN ('system.memory.utilization', 'system.memory.usage', 'system.memory.limit',
                           'process.memory.usage')
           OR series.name = 'process.runtime.cpython.memory' AND series.attributes ->> 'type' = 'rss')
), of_hosts AS (
    SELECT DISTINCT ON (labels, host) labels, host, 100 * value AS percent
    FROM latest
    WHERE name = 'system.memory.utilization' AND state = 'used'
    ORDER BY labels, host, time DESC
), sizes AS (
    SELECT host, coalesce(max(value) FILTER (WHERE state IS NULL), sum(value) FILTER (WHERE state IS NOT NULL)) AS bytes
    FROM (SELECT DISTINCT ON (host, state) host, state, value
          FROM (SELECT host, time, value, CASE name WHEN 'system.memory.usage' THEN state END AS state
                FROM latest
                WHERE name = 'system.memory.limit' OR name = 'system.memory.usage' AND state IS NOT NULL) AS parts
          ORDER BY host, state, time DESC) AS newest
    GROUP BY host
), of_processes AS (
    SELECT process.labels, process.host, 100 * process.value / nullif(sizes.bytes, 0) AS percent
    FROM latest AS process
    JOIN sizes USING (host)
    WHERE process.name LIKE 'process.%'
      AND NOT EXISTS (SELECT FROM of_hosts WHERE of_hosts.host = process.host)
)
SELECT labels, max(percent) AS value
FROM (SELECT labels, percent FROM of_hosts UNION ALL SELECT labels, percent FROM of_processes) AS shares
GROUP BY labels
LIMIT {most}
