-- Spans and logs ever stored, by the rollups, which are written with them.
SELECT (
    (SELECT coalesce(sum(spans), 0) FROM enterprise.operation_minutes)
    + (SELECT coalesce(sum(n), 0) FROM enterprise.operation_deltas, unnest(spans) AS n)
    + (SELECT coalesce(sum(logs), 0) FROM enterprise.log_minutes)
    + (SELECT coalesce(sum(n), 0) FROM enterprise.log_deltas, unnest(logs) AS n)
)::bigint
