CREATE TABLE IF NOT EXISTS enterprise.schema_migrations (
    version integer PRIMARY KEY,
    name varchar NOT NULL,
    checksum varchar NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)
