SELECT id::text FROM enterprise.structured_logs WHERE {condition}
