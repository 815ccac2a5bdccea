DELETE FROM enterprise.schema_migrations WHERE version = $1
