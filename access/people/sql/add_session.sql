WITH seen AS (
    UPDATE enterprise.people SET signed_in_at = now() WHERE email = $2
)
INSERT INTO enterprise.sessions (id_hash, email, expires_at, address, agent)
VALUES ($1, $2, now() + $3::interval, $4, $5)
