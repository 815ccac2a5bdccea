SELECT c.relname::text AS child,
       greatest(c.reltuples, pg_stat_get_live_tuples(c.oid))::bigint AS rows,
       pg_table_size(c.oid) AS bytes
FROM unnest($1::text[]) AS parent
JOIN pg_class AS c ON c.oid = to_regclass('enterprise.' || parent || '_default')
ORDER BY c.relname
