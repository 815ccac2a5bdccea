SELECT span.start_time AS time, span.service_name AS service, span.operation_name AS name, span.duration_ms,
       span.status, left(span.error_message, 500) AS error_message, span.trace_id
FROM enterprise.trace_spans AS span
LEFT JOIN enterprise.resources AS resource ON resource.id = span.resource_id
LEFT JOIN enterprise.scopes AS scope ON scope.id = span.scope_id
WHERE span.start_time >= $1 AND span.start_time < $2
  AND {matches}
  AND {labels} = {values}
ORDER BY {order} DESC NULLS LAST
LIMIT {most}
