SELECT log.timestamp AS time, log.level, log.service_name AS service, left(log.message, 500) AS message, log.trace_id
FROM enterprise.structured_logs AS log
LEFT JOIN enterprise.resources AS resource ON resource.id = log.resource_id
LEFT JOIN enterprise.scopes AS scope ON scope.id = log.scope_id
WHERE log.timestamp >= $1 AND log.timestamp < $2
  AND {matches}
  AND {labels} = {values}
ORDER BY log.timestamp DESC
LIMIT {most}
