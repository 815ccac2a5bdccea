DELETE FROM enterprise.pinned_traces WHERE trace_id = $1 RETURNING trace_id, rows, why, pinned_at, pinned_by
