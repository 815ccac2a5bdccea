SELECT name, scopes, created_at, expires_at, last_used_at
FROM enterprise.access_keys
WHERE revoked_at IS NULL
ORDER BY name
LIMIT 10000
