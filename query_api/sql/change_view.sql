WITH changed AS (
    UPDATE enterprise.saved_views
    SET name = coalesce($3, name), query = coalesce($4, query), shared = coalesce($5, shared), updated_at = now()
    WHERE id = $1 AND owner = $2
    RETURNING id, name, page, query, owner, shared, created_at, updated_at
)
SELECT to_json(changed)::text FROM changed
