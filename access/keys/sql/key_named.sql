SELECT id FROM enterprise.access_keys WHERE revoked_at IS NULL AND (id = $1 OR name = $1)
ORDER BY id = $1 DESC LIMIT 1
