SELECT {labels} AS labels, {figure} AS value
FROM enterprise.structured_logs AS log
LEFT JOIN enterprise.resources AS resource ON resource.id = log.resource_id
LEFT JOIN enterprise.scopes AS scope ON scope.id = log.scope_id
WHERE log.timestamp >= $1 AND log.timestamp < $2
  AND {matches}
GROUP BY labels
LIMIT {most}
