UPDATE enterprise.access_keys SET revoked_at = now(), revoked_by = left($2, 255)
WHERE id = $1 AND revoked_at IS NULL
RETURNING id, name, scopes, services, created_at, created_by, expires_at, last_used_at, revoked_at, revoked_by
