SELECT parent.relname::text AS parent,
       child.relname::text AS child,
       (extract(epoch FROM (regexp_match(bound.expression, 'FROM \(''([^'']+)''\)'))[1]::timestamptz) * 1000000)::bigint
           AS lower_us,
       (extract(epoch FROM (regexp_match(bound.expression, 'TO \(''([^'']+)''\)'))[1]::timestamptz) * 1000000)::bigint
           AS upper_us,
       bound.expression = 'DEFAULT' AS is_default
FROM pg_inherits
JOIN pg_class AS child ON child.oid = pg_inherits.inhrelid
JOIN pg_class AS parent ON parent.oid = pg_inherits.inhparent AND parent.relkind = 'p'
CROSS JOIN LATERAL (SELECT pg_get_expr(child.relpartbound, child.oid) AS expression) AS bound
WHERE parent.relnamespace = 'enterprise'::regnamespace
  AND parent.relname IN ('trace_spans', 'structured_logs', 'metric_points')
  AND NOT pg_inherits.inhdetachpending
ORDER BY parent, lower_us
