SELECT coalesce(json_agg(to_json(leaf) ORDER BY leaf."table", leaf."from" DESC NULLS LAST), '[]')::text
FROM (
    SELECT partition.parent AS "table",
           partition.child AS partition,
           partition.lower_bound AS "from",
           partition.upper_bound AS "to",
           pg_relation_size(to_regclass('enterprise.' || partition.child)) AS bytes,
           sealed.sealed_at AS indexed_at,
           indexed.so_far AS indexed,
           CASE WHEN NOT indexed.so_far AND partition.upper_bound <= now()
                THEN extract(epoch FROM now() - partition.upper_bound)::float8 END AS waiting_seconds
    FROM enterprise.partitions AS partition
    LEFT JOIN enterprise.sealed_partitions AS sealed ON sealed.child = partition.child
    CROSS JOIN LATERAL (
        SELECT sealed.child IS NOT NULL OR enterprise.has_search_indexes(partition.parent, partition.child) AS so_far
    ) AS indexed
    WHERE partition.parent IN ('structured_logs', 'trace_spans')
      AND pg_relation_size(to_regclass('enterprise.' || partition.child)) > 0
) AS leaf
