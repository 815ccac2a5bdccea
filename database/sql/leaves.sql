SELECT parent.relname::text AS parent,
       child.relname::text AS child,
       (regexp_match(bound.expression, 'FROM \(''([^'']+)''\)'))[1]::timestamptz AS lower_bound,
       (regexp_match(bound.expression, 'TO \(''([^'']+)''\)'))[1]::timestamptz AS upper_bound,
       bound.expression = 'DEFAULT' AS is_default
FROM pg_inherits
JOIN pg_class AS child ON child.oid = pg_inherits.inhrelid
JOIN pg_class AS parent ON parent.oid = pg_inherits.inhparent AND parent.relkind = 'p'
CROSS JOIN LATERAL (SELECT pg_get_expr(child.relpartbound, child.oid) AS expression) AS bound
WHERE parent.relnamespace = 'enterprise'::regnamespace
  AND parent.relname = ANY ($1::text[])
  AND NOT pg_inherits.inhdetachpending
ORDER BY child.relname
