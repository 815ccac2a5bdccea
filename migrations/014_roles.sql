BEGIN;

-- Group roles to grant to logins. Where the migrating role may not create roles they are left out, which
-- `otelgres migrate --check` reports.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'otelgres_writer') THEN
        CREATE ROLE otelgres_writer NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'otelgres_reader') THEN
        CREATE ROLE otelgres_reader NOLOGIN;
    END IF;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE WARNING 'roles otelgres_writer and otelgres_reader not created: % may not create roles', current_user;
    WHEN duplicate_object OR unique_violation THEN
        NULL;
END $$;

DO $$
BEGIN
    IF (SELECT count(*) FROM pg_roles WHERE rolname IN ('otelgres_writer', 'otelgres_reader')) < 2 THEN
        RETURN;
    END IF;
    GRANT USAGE ON SCHEMA enterprise TO otelgres_writer, otelgres_reader;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA enterprise TO otelgres_writer;
    GRANT USAGE ON ALL SEQUENCES IN SCHEMA enterprise TO otelgres_writer;
    GRANT SELECT ON ALL TABLES IN SCHEMA enterprise TO otelgres_reader;
    ALTER DEFAULT PRIVILEGES IN SCHEMA enterprise
        GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO otelgres_writer;
    ALTER DEFAULT PRIVILEGES IN SCHEMA enterprise GRANT USAGE ON SEQUENCES TO otelgres_writer;
    ALTER DEFAULT PRIVILEGES IN SCHEMA enterprise GRANT SELECT ON TABLES TO otelgres_reader;
END $$;

COMMIT;
