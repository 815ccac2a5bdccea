SELECT (SELECT count(*) FROM enterprise.structured_logs WHERE timestamp >= $1) AS logs,
       (SELECT count(*) FROM enterprise.trace_spans WHERE start_time >= $1) AS spans
