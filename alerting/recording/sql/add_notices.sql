INSERT INTO enterprise.alert_notices AS waiting (channel, group_key, kind, due_at, items, created_at)
SELECT n.channel, n.group_key, n.kind, n.due_at, n.items, $6
FROM unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::jsonb[])
    WITH ORDINALITY AS n (channel, group_key, kind, due_at, items, place)
ORDER BY n.place
ON CONFLICT (channel, group_key) WHERE state = 'waiting' AND attempts = 0 DO UPDATE
SET items = waiting.items || excluded.items, due_at = least(waiting.due_at, excluded.due_at)
