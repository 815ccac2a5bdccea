DELETE FROM enterprise.sessions
WHERE id_hash = $1
RETURNING email
