WITH deleted AS (
    DELETE FROM enterprise.{parent}_default
    WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM enterprise.{parent}_default WHERE {column} < $1 AND batch < $2 {unpinned} LIMIT $3 FOR UPDATE SKIP LOCKED))
    RETURNING 1
)
SELECT count(*) FROM deleted
