-- Of the partitions $1.
SELECT c.relname::text AS child
FROM unnest($1::text[]) AS child
JOIN pg_class AS c ON c.oid = to_regclass('enterprise.' || child)
WHERE pg_relation_size(c.oid) > 0
