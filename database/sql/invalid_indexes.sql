SELECT index.relname::text AS relation
FROM pg_index
JOIN pg_class AS index ON index.oid = pg_index.indexrelid
WHERE pg_index.indrelid = to_regclass('enterprise.' || $1) AND NOT pg_index.indisvalid
