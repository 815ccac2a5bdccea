EXISTS (
    SELECT FROM enterprise.trace_spans AS span
    WHERE span.trace_id = trace.trace_id
      -- The list's lower bound, which prunes partitions before any trace is read.
      AND span.start_time >= $1
      AND span.start_time BETWEEN trace.start_time AND coalesce(trace.latest_start, trace.start_time)
      AND {matches}
)
