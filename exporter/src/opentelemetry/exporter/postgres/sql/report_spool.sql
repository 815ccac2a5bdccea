INSERT INTO enterprise.spools (name, oldest_received_at, seen_at)
VALUES ($1, to_timestamp($2::bigint / 1e9), clock_timestamp())
ON CONFLICT (name) DO UPDATE
SET oldest_received_at = excluded.oldest_received_at, seen_at = excluded.seen_at
