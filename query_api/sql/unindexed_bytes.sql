-- How much a search of table $1 from $2 on, before $3, reads row by row.
SELECT coalesce(sum(pg_relation_size(to_regclass('enterprise.' || child))), 0)::bigint
FROM enterprise.partitions AS partition
WHERE parent = $1 AND upper_bound > $2 AND lower_bound < $3
  AND NOT EXISTS (SELECT FROM enterprise.sealed_partitions AS sealed WHERE sealed.child = partition.child)
  AND NOT enterprise.has_search_indexes(parent, child)
