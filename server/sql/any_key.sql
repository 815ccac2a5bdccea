SELECT EXISTS (
    SELECT FROM enterprise.access_keys
    WHERE revoked_at IS NULL AND scopes && ARRAY['traces', 'logs', 'metrics'] AND (expires_at IS NULL OR expires_at > now())
)
