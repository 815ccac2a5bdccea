-- Sealed partitions, with the rows that came into each so far and the rules that were kept since the last of them came.
SELECT sealed.child, seen.inserted,
       ARRAY(SELECT kept.rule FROM enterprise.retention_rules_kept AS kept
             WHERE kept.child = sealed.child AND kept.inserted = seen.inserted) AS rules
FROM enterprise.sealed_partitions AS sealed
CROSS JOIN LATERAL (SELECT to_regclass(format('enterprise.%I', sealed.child)) AS relation) AS leaf
CROSS JOIN LATERAL (SELECT pg_stat_get_tuples_inserted(leaf.relation) AS inserted) AS seen
WHERE leaf.relation IS NOT NULL
