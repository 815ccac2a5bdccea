-- spans: of all traces of the time, those without a duration too, which is what slow_operations reads.
SELECT count(duration) AS total, count(duration) FILTER (WHERE status = 'completed') AS completed,
       count(duration) FILTER (WHERE status = 'error') AS errors,
       coalesce(round(avg(duration)::numeric, 1), 0) AS mean,
       coalesce(percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY duration), ARRAY[0, 0, 0]) AS percentiles,
       coalesce(sum(span_count), 0)::bigint AS spans
FROM (
    SELECT status, span_count,
           CASE WHEN duration_ms > '-infinity' AND duration_ms < 'infinity' THEN duration_ms END AS duration
    FROM enterprise.traces
    WHERE start_time >= $1
) AS trace
