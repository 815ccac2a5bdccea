SELECT EXISTS (SELECT FROM enterprise.{table} WHERE trace_id = ANY (ARRAY(SELECT trace_id FROM enterprise.pinned_traces)))
