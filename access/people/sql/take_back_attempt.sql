UPDATE enterprise.sign_in_attempts SET attempts = attempts - 1, blocked_until = now()
WHERE email = $1 AND network = $2 AND attempts > 0
