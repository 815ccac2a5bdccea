-- Since when points, minutes and hours are kept, and the arrival up to which all points are rolled up (a clock in µs),
-- null where that is all that came. A writer's batch is such a clock; one without a position began when it was registered.
SELECT min(lower_bound) FILTER (WHERE parent = 'metric_points') AS points,
       min(lower_bound) FILTER (WHERE parent = 'metric_minutes') AS minutes,
       min(lower_bound) FILTER (WHERE parent = 'metric_hours') AS hours,
       (SELECT min(coalesce(p.batch, (extract(epoch FROM w.started_at) * 1000000)::bigint))
        FROM enterprise.writers AS w
        LEFT JOIN enterprise.metric_positions AS p USING (writer)
        WHERE w.batch > coalesce(p.batch, 0)) AS rolled_up
FROM enterprise.partitions
WHERE parent IN ('metric_points', 'metric_minutes', 'metric_hours')
