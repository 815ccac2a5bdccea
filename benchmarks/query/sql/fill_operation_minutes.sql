INSERT INTO enterprise.operation_minutes (minute, operation, spans, errors, duration_ms, buckets, counts)
SELECT minute, operation, sum(spans), sum(errors), sum(duration_ms), array_agg(bucket ORDER BY bucket),
       array_agg(spans ORDER BY bucket)
FROM (
    SELECT date_trunc('minute', start_time) AS minute,
           hashtextextended(service_name || kind || operation_name, 0) AS operation,
           ceil(ln(greatest(duration_ms * 1000, 1)) / ln(1.04))::smallint AS bucket,
           count(*) AS spans, count(*) FILTER (WHERE status = 'error') AS errors, sum(duration_ms) AS duration_ms
    FROM enterprise.{child}
    GROUP BY 1, 2, 3
) AS bucketed
GROUP BY 1, 2
