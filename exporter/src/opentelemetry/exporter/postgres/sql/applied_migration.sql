SELECT max(version) FROM enterprise.schema_migrations
