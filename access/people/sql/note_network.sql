INSERT INTO enterprise.known_networks (email, network)
VALUES ($1, $2)
ON CONFLICT (email, network) DO UPDATE SET signed_in_at = now()
