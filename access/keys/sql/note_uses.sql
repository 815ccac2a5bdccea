-- Several processes tell of the same use; rows are taken in one order, so that they do not deadlock.
WITH due AS (
    SELECT k.id, u.at FROM enterprise.access_keys AS k
    JOIN unnest($1::text[], $2::timestamptz[]) AS u(id, at) ON u.id = k.id
    WHERE k.last_used_at IS NULL OR k.last_used_at < u.at - interval '1 minute'
    ORDER BY k.id FOR NO KEY UPDATE OF k
)
UPDATE enterprise.access_keys AS k SET last_used_at = due.at FROM due WHERE k.id = due.id
