-- The partitions of the tables $1 that hold the time $2, with the size of their rows, whether they have all their search
-- indexes, and whether they have any, be it half built.
SELECT partition.parent, partition.child,
       CASE WHEN pg_relation_size(leaf.relation) > 0 THEN pg_table_size(leaf.relation) ELSE 0 END AS bytes,
       enterprise.has_search_indexes(partition.parent, partition.child) AS indexed,
       EXISTS (SELECT FROM pg_index JOIN pg_class AS index ON index.oid = indexrelid
               WHERE indrelid = leaf.relation AND index.relname LIKE partition.child || '\_%\_search') AS begun
FROM enterprise.partitions AS partition
CROSS JOIN LATERAL (SELECT to_regclass(format('enterprise.%I', partition.child)) AS relation) AS leaf
WHERE partition.parent = ANY ($1::text[]) AND partition.lower_bound <= $2 AND partition.upper_bound > $2
ORDER BY partition.child
