SELECT password_hash
FROM enterprise.people
WHERE email = $1 AND disabled_at IS NULL
