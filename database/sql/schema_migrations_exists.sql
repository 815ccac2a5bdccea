SELECT to_regclass('enterprise.schema_migrations') IS NOT NULL
