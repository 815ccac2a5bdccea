SELECT c.relname::text AS relation,
       CASE WHEN c.relkind = 'v' THEN
           ARRAY(SELECT a.attname::text FROM pg_attribute AS a
                 WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum)
       ELSE '{}' END AS columns
FROM pg_class AS c
WHERE c.relnamespace = to_regnamespace('enterprise') AND c.relname = ANY ($1::text[])
ORDER BY c.relname
