SELECT c.relname::text AS relation
FROM pg_class AS c
WHERE c.relnamespace = 'enterprise'::regnamespace AND c.relkind = 'r' AND NOT c.relispartition
  AND c.relname ~ ('^(' || array_to_string($1::text[], '|') || ')_p[0-9]{8}(_[0-9]{2,4})?_dropped$')
ORDER BY c.relname
