SELECT parent.name AS "table",
       coalesce(max(extract(epoch FROM now() - partition.upper_bound)), 0)::float8 AS seconds
FROM unnest(ARRAY['structured_logs', 'trace_spans']) AS parent (name)
LEFT JOIN enterprise.partitions AS partition
       ON partition.parent = parent.name AND partition.upper_bound <= now()
      AND pg_relation_size(to_regclass('enterprise.' || partition.child)) > 0
      AND NOT EXISTS (SELECT FROM enterprise.sealed_partitions AS sealed WHERE sealed.child = partition.child)
      AND NOT enterprise.has_search_indexes(partition.parent, partition.child)
GROUP BY parent.name
