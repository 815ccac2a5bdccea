SELECT trace_id, rows, why, pinned_at, pinned_by FROM enterprise.pinned_traces WHERE trace_id = $1
