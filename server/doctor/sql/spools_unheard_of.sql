SELECT name, oldest_received_at, seen_at
FROM enterprise.spools
WHERE oldest_received_at IS NOT NULL AND seen_at < clock_timestamp() - $1::interval
ORDER BY seen_at
LIMIT 100
