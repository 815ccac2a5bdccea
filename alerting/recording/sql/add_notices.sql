INSERT INTO enterprise.alert_notices AS waiting (channel, group_key, kind, due_at, items, created_at)
SELECT n.channel, n.group_key, n.kind, greatest(n.due_at, before.due_at + n.gap), n.items::jsonb, $1
FROM unnest($2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::interval[], $7::text[])
    WITH ORDINALITY AS n (channel, group_key, kind, due_at, gap, items, place)
LEFT JOIN LATERAL (
    SELECT last.due_at
    FROM enterprise.alert_notices AS last
    WHERE n.gap > '0' AND last.channel = n.channel AND last.group_key = n.group_key
    ORDER BY last.place DESC
    LIMIT 1) AS before ON true
ORDER BY n.place
ON CONFLICT (channel, group_key) WHERE state = 'waiting' AND attempts = 0 DO UPDATE
SET items = waiting.items || excluded.items, due_at = least(waiting.due_at, excluded.due_at)
