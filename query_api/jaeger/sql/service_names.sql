SELECT DISTINCT service_name FROM enterprise.operations ORDER BY service_name LIMIT $1
