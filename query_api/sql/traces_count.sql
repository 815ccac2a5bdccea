SELECT count(*)
FROM enterprise.traces AS trace
WHERE {filters}
