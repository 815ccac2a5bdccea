SELECT i.relname::text AS index, t.relname::text AS "table"
FROM pg_index AS x
JOIN pg_class AS i ON i.oid = x.indexrelid
JOIN pg_class AS t ON t.oid = x.indrelid
WHERE i.relnamespace = to_regnamespace('enterprise') AND i.relkind = 'i' AND NOT x.indisvalid
  AND NOT EXISTS (SELECT FROM pg_stat_progress_create_index AS p WHERE p.index_relid = i.oid)
ORDER BY i.relname
LIMIT 20
