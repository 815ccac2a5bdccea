BEGIN;
-- Roles belong to the whole cluster and other databases may use them: only what they may do here is taken back.
DO $$
BEGIN
    IF (SELECT count(*) FROM pg_roles WHERE rolname IN ('otelgres_writer', 'otelgres_reader')) < 2 THEN
        RETURN;
    END IF;
    ALTER DEFAULT PRIVILEGES IN SCHEMA enterprise REVOKE ALL ON TABLES FROM otelgres_writer, otelgres_reader;
    ALTER DEFAULT PRIVILEGES IN SCHEMA enterprise REVOKE ALL ON SEQUENCES FROM otelgres_writer, otelgres_reader;
    REVOKE ALL ON ALL TABLES IN SCHEMA enterprise FROM otelgres_writer, otelgres_reader;
    REVOKE ALL ON ALL SEQUENCES IN SCHEMA enterprise FROM otelgres_writer, otelgres_reader;
    REVOKE ALL ON SCHEMA enterprise FROM otelgres_writer, otelgres_reader;
END $$;
COMMIT;
