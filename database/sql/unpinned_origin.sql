AND id <> ALL (ARRAY(
    SELECT {column} FROM enterprise.trace_spans
    WHERE trace_id = ANY (ARRAY(SELECT trace_id FROM enterprise.pinned_traces)) AND {column} IS NOT NULL
    UNION
    SELECT {column} FROM enterprise.structured_logs
    WHERE trace_id = ANY (ARRAY(SELECT trace_id FROM enterprise.pinned_traces)) AND {column} IS NOT NULL))
