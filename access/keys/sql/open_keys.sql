SELECT count(*) FROM enterprise.access_keys
WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
