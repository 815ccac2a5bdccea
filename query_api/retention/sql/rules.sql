SELECT id, signal, service_name AS service, level, keep_days, created_at, created_by FROM enterprise.retention_rules ORDER BY signal, service_name, level
