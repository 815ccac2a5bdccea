INSERT INTO enterprise.access_keys (id, name, digest, scopes, services, created_by, expires_at)
VALUES ($1, $2, $3, $4, $5, left($6, 255), $7)
RETURNING id, name, scopes, services, created_at, created_by, expires_at, last_used_at, revoked_at, revoked_by
