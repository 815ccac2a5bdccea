SELECT coalesce(json_agg(to_json(seen) ORDER BY page, name, owner), '[]')::text
FROM (
    SELECT id, name, page, query, owner, shared, created_at, updated_at
    FROM enterprise.saved_views
    WHERE (owner = $1 OR shared) AND ($2::text IS NULL OR page = $2)
    ORDER BY page, name, owner
    LIMIT 1000
) AS seen
