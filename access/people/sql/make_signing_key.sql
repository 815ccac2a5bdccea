INSERT INTO enterprise.signing_keys (purpose, secret)
VALUES ($1, $2)
ON CONFLICT (purpose) DO NOTHING
