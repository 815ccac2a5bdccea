SELECT parent, child,
       (extract(epoch FROM lower_bound) * 1000000)::bigint AS lower_us,
       (extract(epoch FROM upper_bound) * 1000000)::bigint AS upper_us,
       is_default
FROM enterprise.partitions
WHERE parent IN ('trace_spans', 'structured_logs')
ORDER BY parent, lower_bound
