-- A claim lasts by the database's clock, which all senders share; when a notice is due is the engine's word.
WITH claimable AS (
    SELECT n.id, n.state, n.attempts
    FROM enterprise.alert_notices AS n
    WHERE n.channel = $1
      AND (n.state = 'waiting' AND n.due_at <= $2 OR n.state = 'sending' AND n.claimed_until <= clock_timestamp())
      AND NOT EXISTS (
          SELECT FROM enterprise.alert_notices AS older
          WHERE older.channel = n.channel AND older.group_key = n.group_key AND older.place < n.place
            AND older.state IN ('waiting', 'sending'))
    ORDER BY n.due_at, n.place
    LIMIT $3
    FOR UPDATE SKIP LOCKED
), lost AS (
    INSERT INTO enterprise.alert_attempts (notice_id, attempt, channel, sent_at, success, error)
    SELECT id, attempts, $1, $2, false, $6 FROM claimable WHERE state = 'sending'
    ON CONFLICT DO NOTHING
)
UPDATE enterprise.alert_notices AS n
SET state = 'sending', attempts = n.attempts + 1, claimed_by = $4, claimed_until = clock_timestamp() + $5::interval * least(n.attempts + 1, 10)
FROM claimable
WHERE n.id = claimable.id
RETURNING n.id, n.channel, n.group_key, n.kind, n.items, n.created_at, n.attempts,
    ARRAY(
        SELECT jsonb_array_elements_text(a.detail -> 'done')
        FROM enterprise.alert_attempts AS a
        WHERE a.notice_id = n.id) AS done,
    EXISTS (SELECT FROM enterprise.alert_attempts AS a WHERE a.notice_id = n.id AND a.success) AS told
