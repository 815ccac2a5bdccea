WITH deleted AS (
    DELETE FROM enterprise.writers
    WHERE writer = ANY (
        ARRAY(SELECT writer FROM enterprise.writers WHERE written_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED)
    )
    RETURNING writer
)
SELECT count(*) FROM deleted
