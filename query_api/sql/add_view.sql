WITH added AS (
    INSERT INTO enterprise.saved_views (owner, page, name, query, shared) VALUES ($1, $2, $3, $4, $5)
    RETURNING id, name, page, query, owner, shared, created_at, updated_at
)
SELECT to_json(added)::text FROM added
