SELECT trace.start_time AS time, trace.service_name AS service, coalesce(trace.endpoint, trace.operation_name) AS name,
       trace.duration_ms, trace.status, left(trace.error_message, 500) AS error_message, trace.trace_id
FROM enterprise.traces AS trace
WHERE trace.start_time >= $1 AND trace.start_time < $2
  AND {matches}
  AND {labels} = {values}
ORDER BY {order} DESC NULLS LAST
LIMIT {most}
