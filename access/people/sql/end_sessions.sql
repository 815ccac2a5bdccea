DELETE FROM enterprise.sessions
WHERE email = $1
