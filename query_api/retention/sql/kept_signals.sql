-- By table of $1, which are kept for $2 days each, in that order: what its partitions with rows come to. DEFAULT counts
-- for size alone. Partitions that pins keep beyond their time are no news to anybody who asks what goes next.
SELECT parent,
       min(part.lower_bound) FILTER (WHERE has.rows) AS kept_from,
       min(part.upper_bound + make_interval(days => days))
           FILTER (WHERE has.rows AND part.upper_bound + make_interval(days => days) > now()) AS next_drop_at,
       count(*) FILTER (WHERE has.rows) AS partitions,
       coalesce(sum(greatest(leaf.reltuples, pg_stat_get_live_tuples(leaf.oid))), 0)::bigint AS rows,
       coalesce(sum(pg_total_relation_size(leaf.oid)), 0)::bigint AS bytes
FROM unnest($1::text[], $2::integer[]) WITH ORDINALITY AS wanted (parent, days, place)
LEFT JOIN enterprise.partitions AS part USING (parent)
LEFT JOIN pg_class AS leaf ON leaf.oid = to_regclass(format('enterprise.%I', part.child))
CROSS JOIN LATERAL (SELECT pg_relation_size(leaf.oid) > 0 AS rows) AS has
GROUP BY parent, wanted.place
ORDER BY wanted.place
