INSERT INTO enterprise.operations (id, service_name, operation_name, kind)
SELECT hashtextextended(service_name || kind || operation_name, 0), service_name, operation_name, kind
FROM (SELECT DISTINCT service_name, kind, operation_name FROM enterprise.{child}) AS seen
ON CONFLICT DO NOTHING
