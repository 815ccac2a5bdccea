SELECT coalesce(sum(greatest(child.reltuples, pg_stat_get_live_tuples(child.oid))), 0)::float
FROM pg_inherits
JOIN pg_class AS child ON child.oid = pg_inherits.inhrelid
CROSS JOIN LATERAL (SELECT pg_get_expr(child.relpartbound, child.oid) AS expression) AS bound
WHERE pg_inherits.inhparent = to_regclass('enterprise.' || $1)
  AND (regexp_match(bound.expression, 'FROM \(''([^'']+)''\)'))[1]::timestamptz >= $2
  AND (regexp_match(bound.expression, 'TO \(''([^'']+)''\)'))[1]::timestamptz <= $3
