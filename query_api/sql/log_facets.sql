SELECT level, service_name, logger_name, count(*) AS logs
FROM enterprise.structured_logs AS log
WHERE {filters}
GROUP BY 1, 2, 3
