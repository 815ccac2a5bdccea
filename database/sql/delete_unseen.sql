WITH deleted AS (
    DELETE FROM enterprise.{table}
    WHERE id = ANY (ARRAY(SELECT id FROM enterprise.{table} WHERE last_seen < $1 {unpinned} LIMIT $2 FOR UPDATE SKIP LOCKED))
    RETURNING id
)
SELECT count(*) FROM deleted
