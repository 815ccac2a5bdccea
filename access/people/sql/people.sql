SELECT email, role, password_hash IS NOT NULL AS has_password, created_at, disabled_at, signed_in_at
FROM enterprise.people
WHERE email > $1
ORDER BY email
LIMIT $2
