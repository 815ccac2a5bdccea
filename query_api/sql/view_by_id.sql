SELECT to_json(seen)::text
FROM (
    SELECT id, name, page, query, owner, shared, created_at, updated_at
    FROM enterprise.saved_views
    WHERE id = $1 AND (owner = $2 OR shared)
) AS seen
