INSERT INTO enterprise.retention_rules (signal, service_name, level, keep_days, created_by)
VALUES ($1, $2, $3, $4, left($5, 255))
RETURNING id, signal, service_name AS service, level, keep_days, created_at, created_by
