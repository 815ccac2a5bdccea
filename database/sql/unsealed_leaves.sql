SELECT child.relname::text AS child
FROM pg_inherits
JOIN pg_class AS child ON child.oid = pg_inherits.inhrelid
JOIN pg_class AS parent ON parent.oid = pg_inherits.inhparent
WHERE parent.relnamespace = 'enterprise'::regnamespace AND parent.relkind = 'p' AND parent.relname = ANY ($1::text[])
  AND pg_relation_size(child.oid) > 0
  AND NOT EXISTS (SELECT FROM enterprise.sealed_partitions AS sealed WHERE sealed.child = child.relname)
