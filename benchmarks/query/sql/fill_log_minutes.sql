INSERT INTO enterprise.log_minutes (minute, service_name, level, logs)
SELECT date_trunc('minute', timestamp), service_name, level, count(*) FROM enterprise.{child} GROUP BY 1, 2, 3
