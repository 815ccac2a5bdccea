SELECT count(*) FROM enterprise.structured_logs AS log WHERE {filters}
