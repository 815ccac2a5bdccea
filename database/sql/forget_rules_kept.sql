DELETE FROM enterprise.retention_rules_kept WHERE to_regclass(format('enterprise.%I', child)) IS NULL
