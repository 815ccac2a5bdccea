INSERT INTO enterprise.retention_rules (signal, level, keep_days, created_by) VALUES ('logs', 'DEBUG', 2, 'benchmark')
ON CONFLICT DO NOTHING
