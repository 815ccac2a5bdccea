BEGIN;
DROP TABLE IF EXISTS enterprise.access_audit;
DROP FUNCTION IF EXISTS enterprise.refuse_change_of_audit();
DROP TABLE IF EXISTS enterprise.access_keys;
DROP FUNCTION IF EXISTS enterprise.announce_access_keys();
DROP FUNCTION IF EXISTS enterprise.grant_roles();
DROP TABLE IF EXISTS enterprise.role_privileges;
-- The group roles get back what they had before. Roles belong to the whole cluster and stay.
DO $$
BEGIN
    IF to_regnamespace('enterprise') IS NULL THEN
        RETURN;
    END IF;
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'otelgres_grafana') THEN
        REVOKE ALL ON ALL TABLES IN SCHEMA enterprise FROM otelgres_grafana;
        REVOKE ALL ON SCHEMA enterprise FROM otelgres_grafana;
    END IF;
    IF (SELECT count(*) FROM pg_roles WHERE rolname IN ('otelgres_writer', 'otelgres_reader')) < 2 THEN
        RETURN;
    END IF;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA enterprise TO otelgres_writer;
    GRANT SELECT ON ALL TABLES IN SCHEMA enterprise TO otelgres_reader;
    IF to_regclass('enterprise.alert_channel_secrets') IS NOT NULL THEN
        REVOKE ALL ON enterprise.alert_channel_secrets FROM otelgres_writer, otelgres_reader;
    END IF;
    ALTER DEFAULT PRIVILEGES IN SCHEMA enterprise
        GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO otelgres_writer;
    ALTER DEFAULT PRIVILEGES IN SCHEMA enterprise GRANT USAGE ON SEQUENCES TO otelgres_writer;
    ALTER DEFAULT PRIVILEGES IN SCHEMA enterprise GRANT SELECT ON TABLES TO otelgres_reader;
END $$;
COMMIT;
