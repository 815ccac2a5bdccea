DELETE FROM enterprise.sign_in_attempts
WHERE (email, network) IN (
    SELECT email, network
    FROM enterprise.sign_in_attempts
    WHERE last_at < now() - $1::interval
    ORDER BY last_at
    LIMIT $2
    FOR UPDATE SKIP LOCKED
)
