WITH writers_gone AS (
    DELETE FROM enterprise.attribute_positions AS p
    WHERE p.writer > 0 AND NOT EXISTS (SELECT FROM enterprise.writers AS w WHERE w.writer = p.writer)
), leaves_gone AS (
    DELETE FROM enterprise.attribute_leaves WHERE child <> ALL ($3::text[])
), leaves AS (
    INSERT INTO enterprise.attribute_leaves AS l (child, blocks)
    SELECT * FROM unnest($3::text[], $4::bigint[])
    ON CONFLICT (child) DO UPDATE SET blocks = excluded.blocks WHERE l.blocks <> excluded.blocks
)
INSERT INTO enterprise.attribute_positions (writer, batch)
SELECT * FROM unnest($1::integer[], $2::bigint[])
ON CONFLICT (writer) DO UPDATE SET batch = excluded.batch
