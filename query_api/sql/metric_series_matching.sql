-- Series of the metric $1 that were seen since $2, at most $3, with the values that they are grouped by.
SELECT series.id, series.type, series.unit, series.temporality, series.monotonic, ARRAY[{labels}]::text[] AS labels
FROM enterprise.metric_series AS series
LEFT JOIN enterprise.resources AS resource ON resource.id = series.resource_id
LEFT JOIN enterprise.scopes AS scope ON scope.id = series.scope_id
WHERE series.name = $1 AND series.last_seen >= $2 AND {matches}
ORDER BY series.id
LIMIT $3
