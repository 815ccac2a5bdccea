UPDATE enterprise.deletions
SET leaf = $2, block = $3, blocks_done = blocks_done + $4,
    spans = spans + $5, logs = logs + $6, points = points + $7, traces = traces + $8
WHERE id = $1
