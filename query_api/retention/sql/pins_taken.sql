SELECT count(*), coalesce(sum(rows), 0)::bigint FROM enterprise.pinned_traces
