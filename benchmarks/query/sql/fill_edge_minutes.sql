INSERT INTO enterprise.edge_minutes (minute, edge, calls, errors, duration_ms, buckets, counts)
SELECT minute, edge, sum(calls), sum(errors), sum(duration_ms), array_agg(bucket ORDER BY bucket),
       array_agg(calls ORDER BY bucket)
FROM (
    SELECT date_trunc('minute', server.start_time) AS minute,
           hashtextextended(client.service_name || '>' || server.service_name, 0) AS edge,
           ((enterprise.duration_bucket(server.duration_ms) + 1) / 2)::smallint AS bucket, count(*) AS calls,
           count(*) FILTER (WHERE server.status = 'error') AS errors, sum(server.duration_ms) AS duration_ms
    FROM enterprise.{child} AS server
    JOIN enterprise.{child} AS client
        ON client.trace_id = server.trace_id AND client.span_id = server.parent_span_id
    WHERE server.kind = 2 AND client.kind = 3
    GROUP BY 1, 2, 3
) AS bucketed
GROUP BY 1, 2
