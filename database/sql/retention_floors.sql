SELECT parent, kept_from FROM enterprise.retention_floors
