INSERT INTO enterprise.people (email, role, password_hash)
VALUES ($1, $2, $3)
ON CONFLICT (email) DO NOTHING
RETURNING email, role, password_hash IS NOT NULL AS has_password, created_at, disabled_at, signed_in_at
