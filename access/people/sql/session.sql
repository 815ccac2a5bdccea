SELECT s.email, p.role, now() - s.seen_at AS unseen
FROM enterprise.sessions AS s
JOIN enterprise.people AS p USING (email)
WHERE s.id_hash = $1
  AND s.expires_at > now()
  AND s.seen_at > now() - $2::interval
  AND p.disabled_at IS NULL
