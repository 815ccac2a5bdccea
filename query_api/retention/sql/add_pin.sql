INSERT INTO enterprise.pinned_traces (trace_id, rows, why, pinned_by) VALUES ($1, $2, $3, left($4, 255))
RETURNING trace_id, rows, why, pinned_at, pinned_by
