DELETE FROM enterprise.retention_rules WHERE id = $1 RETURNING id, signal, service_name AS service, level, keep_days, created_at, created_by
