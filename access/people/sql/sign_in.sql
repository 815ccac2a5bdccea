SELECT role
FROM enterprise.people
WHERE email = $1 AND password_hash = $2 AND disabled_at IS NULL
FOR UPDATE
