SELECT EXISTS (
    SELECT FROM enterprise.{table} AS kept
    WHERE kept.trace_id IS NULL OR kept.trace_id NOT IN (SELECT trace_id FROM enterprise.pinned_traces))
