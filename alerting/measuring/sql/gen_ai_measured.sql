SELECT {labels} AS labels, {figure} AS value
FROM enterprise.{view}
WHERE timestamp >= $1 AND timestamp < $2
GROUP BY labels
LIMIT {most}
