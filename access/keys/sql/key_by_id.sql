SELECT id, name, scopes, services, created_at, created_by, expires_at, last_used_at, revoked_at, revoked_by
FROM enterprise.access_keys
WHERE id = $1
