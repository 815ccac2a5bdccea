-- $1 since when a spool must have been seen to count, $2 since when its report says enough
SELECT name
FROM enterprise.spools
WHERE seen_at > $1 AND (oldest_received_at IS NOT NULL OR seen_at <= $2)
ORDER BY name
