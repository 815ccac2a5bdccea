UPDATE enterprise.deletions
SET state = 'deleting', confirmed_at = now(), confirmed_by = left($2, 255), finished_at = NULL,
    leaf = '', block = 0, blocks_done = 0, spans = 0, logs = 0, points = 0, traces = 0
WHERE id = $1 AND state = 'counted'
RETURNING id
