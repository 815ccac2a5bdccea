WITH gone AS (
    DELETE FROM enterprise.gen_ai_positions AS p
    WHERE p.writer > 0 AND NOT EXISTS (SELECT FROM enterprise.writers AS w WHERE w.writer = p.writer)
)
INSERT INTO enterprise.gen_ai_positions (writer, batch)
SELECT * FROM unnest($1::integer[], $2::bigint[])
ON CONFLICT (writer) DO UPDATE SET batch = excluded.batch
