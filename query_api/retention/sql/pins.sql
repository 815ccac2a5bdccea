SELECT trace_id, rows, why, pinned_at, pinned_by FROM enterprise.pinned_traces ORDER BY pinned_at DESC, trace_id
