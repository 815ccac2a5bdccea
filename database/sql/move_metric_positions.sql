WITH gone AS (
    DELETE FROM enterprise.metric_positions AS p
    WHERE NOT EXISTS (SELECT FROM enterprise.writers AS w WHERE w.writer = p.writer)
)
INSERT INTO enterprise.metric_positions (writer, batch)
SELECT * FROM unnest($1::integer[], $2::bigint[])
ON CONFLICT (writer) DO UPDATE SET batch = excluded.batch
