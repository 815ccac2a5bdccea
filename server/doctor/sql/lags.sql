-- A batch is a clock in µs, and 0 of what came by plain SQL. Deltas lie in the order they came, so the first rows say how
-- old the oldest is.
WITH unfolded AS (
    (SELECT batch FROM enterprise.operation_deltas LIMIT 1000)
    UNION ALL
    (SELECT batch FROM enterprise.log_deltas LIMIT 1000)
), unsealed AS (
    SELECT child, upper_bound
    FROM enterprise.partitions AS p
    WHERE parent IN ('structured_logs', 'trace_spans') AND upper_bound <= now()
      AND pg_relation_size(to_regclass('enterprise.' || child)) > 0
      AND NOT EXISTS (SELECT FROM enterprise.sealed_partitions AS s WHERE s.child = p.child)
)
SELECT (SELECT extract(epoch FROM clock_timestamp()) - min(batch) / 1000000 FROM unfolded WHERE batch > 0)::float8 AS unfolded,
       (SELECT extract(epoch FROM now() - min(upper_bound)) FROM unsealed)::float8 AS unsealed,
       (SELECT array_agg(child ORDER BY upper_bound) FROM unsealed) AS unsealed_children
