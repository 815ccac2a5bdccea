SELECT extract(epoch FROM blocked_until - clock_timestamp())::float8
FROM enterprise.sign_in_attempts
WHERE email = $1 AND network = $2
