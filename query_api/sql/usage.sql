-- Rows that came from $1 to $2 by signal and service, with how many bytes they take on average in their partition.
-- Points of metrics are counted by the hour before $3 and by the minute from then on; $4 is how many services are named.
WITH leaves AS MATERIALIZED (
    SELECT parent, lower_bound, upper_bound, pg_total_relation_size(relation)::float / nullif(rows, 0) AS row_bytes,
           pg_total_relation_size(relation)::float AS bytes, rows
    FROM (SELECT p.*, c.oid AS relation,
                 -- What the planner takes: rows a page when last counted, by the pages of now. Never counted, it is
                 -- what came since the statistics began.
                 CASE WHEN c.relpages > 0 AND c.reltuples > 0
                      THEN c.reltuples / c.relpages * pg_relation_size(c.oid) / current_setting('block_size')::float
                      ELSE pg_stat_get_live_tuples(c.oid)::float END AS rows
          FROM enterprise.partitions AS p
          JOIN pg_class AS c ON c.oid = to_regclass('enterprise.' || quote_ident(p.child))
          WHERE p.parent IN ('trace_spans', 'structured_logs', 'metric_points') AND NOT p.is_default
            AND p.lower_bound < $2 AND p.upper_bound > $1) AS p
), averages AS (
    SELECT parent, sum(bytes) FILTER (WHERE rows > 0) / nullif(sum(rows), 0) AS row_bytes FROM leaves GROUP BY parent
), came AS (
    SELECT 'trace_spans' AS parent, o.service_name AS service, date_trunc('hour', s.minute, 'UTC') AS hour,
           sum(s.spans) AS rows
    FROM (SELECT minute, operation, spans FROM enterprise.operation_minutes WHERE minute >= $1 AND minute < $2
          UNION ALL
          SELECT delta.minute, delta.operation, delta.spans
          FROM enterprise.operation_deltas
          CROSS JOIN LATERAL unnest(minutes, operations, spans) AS delta(minute, operation, spans)
          WHERE delta.minute >= $1 AND delta.minute < $2) AS s
    JOIN enterprise.operations AS o ON o.id = s.operation
    GROUP BY 2, 3
    UNION ALL
    SELECT 'structured_logs', l.service, date_trunc('hour', l.minute, 'UTC'), sum(l.logs)
    FROM (SELECT minute, service_name AS service, logs FROM enterprise.log_minutes WHERE minute >= $1 AND minute < $2
          UNION ALL
          SELECT delta.minute, delta.service, delta.logs
          FROM enterprise.log_deltas
          CROSS JOIN LATERAL unnest(minutes, services, logs) AS delta(minute, service, logs)
          WHERE delta.minute >= $1 AND delta.minute < $2) AS l
    GROUP BY 2, 3
    UNION ALL
    SELECT 'metric_points', s.service_name, p.hour, sum(p.points)
    FROM (SELECT series_id, hour, points FROM enterprise.metric_hours WHERE hour >= $1 AND hour < least($2, $3)
          UNION ALL
          SELECT series_id, date_trunc('hour', minute, 'UTC'), points FROM enterprise.metric_minutes
          WHERE minute >= greatest($1, $3) AND minute < $2) AS p
    JOIN enterprise.metric_series AS s ON s.id = p.series_id
    GROUP BY 2, 3
), sized AS MATERIALIZED (
    SELECT CASE c.parent WHEN 'trace_spans' THEN 'spans' WHEN 'structured_logs' THEN 'logs' ELSE 'metrics' END AS signal,
           c.service, sum(c.rows) AS rows, sum(c.rows * coalesce(l.row_bytes, a.row_bytes)) AS bytes
    FROM came AS c
    LEFT JOIN leaves AS l ON l.parent = c.parent AND c.hour >= l.lower_bound AND c.hour < l.upper_bound
    LEFT JOIN averages AS a ON a.parent = c.parent
    GROUP BY 1, 2
), total AS (
    SELECT sum(bytes) AS bytes FROM sized
)
SELECT (SELECT coalesce(json_agg(s ORDER BY s.bytes DESC NULLS LAST, s.rows DESC, s.signal), '[]')
        FROM (SELECT signal, sum(rows)::bigint AS rows, round(sum(sized.bytes))::bigint AS bytes,
                     round((100 * sum(sized.bytes) / nullif(max(total.bytes), 0))::numeric, 2) AS share
              FROM sized CROSS JOIN total
              GROUP BY signal) AS s)::text AS signals,
       (SELECT coalesce(json_agg(s ORDER BY s.bytes DESC NULLS LAST, s.rows DESC, s.service, s.signal), '[]')
        FROM (SELECT service, signal, rows::bigint, round(sized.bytes)::bigint AS bytes,
                     round((100 * sized.bytes / nullif(total.bytes, 0))::numeric, 2) AS share
              FROM sized CROSS JOIN total
              ORDER BY sized.bytes DESC NULLS LAST, rows DESC, service, signal
              LIMIT $4) AS s)::text AS services
