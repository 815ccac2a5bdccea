SELECT relname::text AS relation
FROM pg_class
WHERE relnamespace = to_regnamespace('enterprise') AND relkind IN ('r', 'p', 'v', 'm') AND NOT pg_has_role(relowner, 'USAGE')
ORDER BY relname
