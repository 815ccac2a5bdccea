SELECT {labels} AS labels, {figure} AS value
FROM enterprise.trace_spans AS span
LEFT JOIN enterprise.resources AS resource ON resource.id = span.resource_id
LEFT JOIN enterprise.scopes AS scope ON scope.id = span.scope_id
WHERE span.start_time >= $1 AND span.start_time < $2
  AND {matches}
GROUP BY labels
LIMIT {most}
