SELECT operation_name, count(*) AS count, round(avg(duration_ms)::numeric, 1)::float8 AS avg_ms,
       round(max(duration_ms)::numeric, 1)::float8 AS max_ms
FROM enterprise.trace_spans
WHERE start_time >= $1 AND duration_ms > '-infinity' AND duration_ms < 'infinity'
GROUP BY operation_name
ORDER BY avg(duration_ms) DESC, operation_name
LIMIT 10
