-- Partitions of the tables $1 that may hold rows of the times $2 to $3, from the one of name $4 on.
SELECT part.parent, part.child,
       pg_relation_size(to_regclass(format('enterprise.%I', part.child))) / current_setting('block_size')::bigint AS blocks
FROM enterprise.partitions AS part
WHERE part.parent = ANY ($1::text[])
  AND (part.is_default OR (coalesce(part.lower_bound < $3, true) AND coalesce(part.upper_bound > $2, true)))
  AND part.child COLLATE "C" >= $4
ORDER BY part.child COLLATE "C"
