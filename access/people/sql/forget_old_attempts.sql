DELETE FROM enterprise.sign_in_attempts
WHERE subject IN (
    SELECT subject
    FROM enterprise.sign_in_attempts
    WHERE last_at < now() - $1::interval
    FOR UPDATE SKIP LOCKED
)
