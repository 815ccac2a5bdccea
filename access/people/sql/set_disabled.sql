UPDATE enterprise.people SET disabled_at = CASE WHEN $2::boolean THEN now() END
WHERE email = $1
RETURNING email, role, password_hash IS NOT NULL AS has_password, created_at, disabled_at, signed_in_at
