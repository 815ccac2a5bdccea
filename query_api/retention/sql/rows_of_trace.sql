-- Spans and logs; null for an unknown trace. The interval is what logs may lie outside of the trace's time.
SELECT (SELECT count(*) FROM enterprise.trace_spans AS span
        WHERE span.trace_id = $1
          AND span.start_time BETWEEN trace.start_time AND coalesce(trace.latest_start, trace.start_time))
     + (SELECT count(*) FROM enterprise.structured_logs AS log
        WHERE log.trace_id = $1
          AND log.timestamp BETWEEN trace.start_time - $2::interval
                                AND greatest(trace.latest_end, trace.latest_start, trace.start_time) + $2::interval)
FROM enterprise.traces AS trace
WHERE trace.trace_id = $1
