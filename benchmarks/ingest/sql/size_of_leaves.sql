-- Bytes of the leaves that hold rows: without and with their indexes.
SELECT sum(pg_table_size(relid))::bigint AS heap, sum(pg_total_relation_size(relid))::bigint AS total
FROM pg_partition_tree(('enterprise.' || $1)::regclass)
WHERE isleaf AND pg_relation_size(relid) > 0
