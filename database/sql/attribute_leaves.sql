-- Partitions that hold rows, with their size now and at the last census, in blocks.
SELECT leaf.parent, child, leaf.blocks, coalesce(known.blocks, 0) AS known
FROM (
    SELECT parent.relname::text AS parent, quote_ident(child.relname) AS child,
           pg_relation_size(child.oid) / current_setting('block_size')::bigint AS blocks
    FROM pg_inherits
    JOIN pg_class AS child ON child.oid = pg_inherits.inhrelid
    JOIN pg_class AS parent ON parent.oid = pg_inherits.inhparent
    WHERE parent.relnamespace = 'enterprise'::regnamespace AND parent.relname = ANY ($1::text[])
      AND NOT pg_inherits.inhdetachpending) AS leaf
LEFT JOIN (SELECT child, blocks FROM enterprise.attribute_leaves) AS known(child, blocks) USING (child)
WHERE leaf.blocks > 0
