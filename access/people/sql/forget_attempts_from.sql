DELETE FROM enterprise.sign_in_attempts
WHERE email = $1 AND network = $2
