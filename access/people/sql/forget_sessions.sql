DELETE FROM enterprise.sessions
WHERE id_hash IN (
    SELECT id_hash
    FROM enterprise.sessions
    WHERE expires_at <= now()
       OR seen_at <= now() - $3::interval
       OR id_hash IN (
           SELECT id_hash FROM enterprise.sessions WHERE email = $1 ORDER BY created_at DESC OFFSET $2
       )
    FOR UPDATE SKIP LOCKED
)
