SELECT id, name, scopes, services, created_at, created_by, expires_at, last_used_at, revoked_at, revoked_by
FROM enterprise.access_keys
WHERE ($1 OR revoked_at IS NULL)
  AND ($2::text IS NULL
       OR (created_at, id) < (SELECT last.created_at, last.id FROM enterprise.access_keys AS last WHERE last.id = $2))
ORDER BY created_at DESC, id DESC
LIMIT $3
