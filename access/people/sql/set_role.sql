UPDATE enterprise.people SET role = $2
WHERE email = $1
RETURNING email, role, password_hash IS NOT NULL AS has_password, created_at, disabled_at, signed_in_at
