WITH deleted AS (
    DELETE FROM enterprise.{parent}_default
    WHERE ctid = ANY (ARRAY(
        SELECT ctid FROM enterprise.{parent}_default WHERE {column} >= $1
        ORDER BY {column} DESC
        LIMIT least($3, greatest((SELECT count(*) FROM enterprise.{parent}_default WHERE {column} >= $1) - $2, 0))
        FOR UPDATE SKIP LOCKED))
    RETURNING 1
)
SELECT count(*) FROM deleted
