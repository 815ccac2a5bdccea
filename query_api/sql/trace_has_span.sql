EXISTS (
    SELECT FROM enterprise.trace_spans AS span
    WHERE span.trace_id = trace.trace_id
      -- The list's own bounds, which prune partitions before any trace is read. Spans may begin after the upper one;
      -- the last of them is only sought where that costs less than what it spares.
      AND span.start_time >= $1
      AND span.start_time <= CASE WHEN $2::timestamptz - $1 <= interval '2 days' THEN greatest($2, (
          SELECT max(latest_start) FROM enterprise.traces WHERE start_time >= $1 AND start_time < $2
      )) ELSE 'infinity' END
      AND span.start_time BETWEEN trace.start_time AND coalesce(trace.latest_start, trace.start_time)
      AND {matches}
)
