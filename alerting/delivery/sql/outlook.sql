SELECT n.channel,
    min(extract(epoch FROM CASE n.state WHEN 'waiting' THEN n.due_at - $1 ELSE n.claimed_until - clock_timestamp() END))
        ::float AS ready_in,
    max(extract(epoch FROM $1 - n.created_at)) FILTER (WHERE n.attempts > 0 OR n.due_at <= $1)::float AS age
FROM enterprise.alert_notices AS n
WHERE n.state IN ('waiting', 'sending') AND NOT EXISTS (
    SELECT FROM enterprise.alert_notices AS older
    WHERE older.channel = n.channel AND older.group_key = n.group_key AND older.place < n.place
      AND older.state IN ('waiting', 'sending'))
GROUP BY n.channel
ORDER BY ready_in
