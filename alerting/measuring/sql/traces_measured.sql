SELECT {labels} AS labels, {figure} AS value
FROM enterprise.traces AS trace
WHERE trace.start_time >= $1 AND trace.start_time < $2
  AND {matches}
GROUP BY labels
LIMIT {most}
