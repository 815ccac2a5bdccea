UPDATE enterprise.sign_in_attempts SET attempts = attempts - 1, blocked_until = now()
WHERE subject = $1 AND attempts > 0
