UPDATE enterprise.sessions SET seen_at = now()
WHERE id_hash = $1
