BEGIN;
-- The role belongs to the whole cluster and other databases may use it: only what it may do here is taken back.
DO $$
BEGIN
    IF to_regnamespace('enterprise') IS NULL
       OR NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'otelgres_alert_sql') THEN
        RETURN;
    END IF;
    REVOKE ALL ON ALL TABLES IN SCHEMA enterprise FROM otelgres_alert_sql;
    REVOKE ALL ON SCHEMA enterprise FROM otelgres_alert_sql;
END $$;
COMMIT;
