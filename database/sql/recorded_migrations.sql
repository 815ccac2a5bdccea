SELECT version, checksum FROM enterprise.schema_migrations ORDER BY version
