SELECT datname FROM pg_database WHERE datname LIKE 'otelgres\_bench\_%' ORDER BY oid DESC LIMIT 1
