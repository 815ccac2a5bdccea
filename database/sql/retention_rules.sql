SELECT id, signal, service_name, level, keep_days FROM enterprise.retention_rules ORDER BY id
