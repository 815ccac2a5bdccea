DELETE FROM enterprise.known_networks
WHERE email = $1 AND signed_in_at < now() - $2::interval
