SELECT count(*) FROM enterprise.retention_rules
