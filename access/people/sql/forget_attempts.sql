DELETE FROM enterprise.sign_in_attempts
WHERE subject = $1
