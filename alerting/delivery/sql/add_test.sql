INSERT INTO enterprise.alert_notices
    (id, channel, group_key, kind, items, created_at, due_at, state, attempts, finished_at, last_error)
VALUES ($1, $2, $3, 'test', $4, $5, $5, $6, 1, $7, $8)
