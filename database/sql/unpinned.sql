AND (trace_id IS NULL OR trace_id NOT IN (SELECT trace_id FROM enterprise.pinned_traces))
