SELECT FROM enterprise.known_networks
WHERE email = $1 AND network = $2 AND signed_in_at > now() - $3::interval
