-- Without what is detached and only waits for its last reader.
SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint
FROM pg_class AS c
WHERE c.relnamespace = 'enterprise'::regnamespace AND c.relkind IN ('r', 'm')
  AND NOT (NOT c.relispartition AND c.relname ~ ('^(' || array_to_string($1::text[], '|') || ')_p[0-9]{8}(_[0-9]{2,4})?_dropped$'))
