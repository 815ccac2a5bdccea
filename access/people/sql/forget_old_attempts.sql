DELETE FROM enterprise.sign_in_attempts
WHERE last_at < now() - $1::interval
