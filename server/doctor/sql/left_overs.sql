-- Made aside and never attached, detached and not dropped yet, or half detached.
SELECT c.relname::text AS relation, pg_table_size(c.oid) AS bytes
FROM pg_class AS c
LEFT JOIN pg_inherits AS i ON i.inhrelid = c.oid
WHERE c.relnamespace = to_regnamespace('enterprise') AND c.relkind = 'r'
  AND (NOT c.relispartition OR i.inhdetachpending)
  AND c.relname ~ ('^(' || array_to_string($1::text[], '|') || ')_p[0-9]{8}')
ORDER BY c.relname
