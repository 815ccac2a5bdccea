BEGIN;

-- The role that custom_sql of rules runs by, over a login of its own: it reads what is granted to it and no more. An
-- admin may grant it further tables.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'otelgres_alert_sql') THEN
        CREATE ROLE otelgres_alert_sql NOLOGIN NOINHERIT;
    END IF;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE WARNING 'role otelgres_alert_sql not created: % may not create roles', current_user;
    WHEN duplicate_object OR unique_violation THEN
        NULL;
END $$;

DO $$
DECLARE
    relation text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'otelgres_alert_sql') THEN
        RETURN;
    END IF;
    GRANT USAGE ON SCHEMA enterprise TO otelgres_alert_sql;
    FOREACH relation IN ARRAY ARRAY['traces', 'trace_spans', 'structured_logs', 'resources', 'scopes', 'metrics',
                                    'rag_metrics', 'llm_call_metrics', 'cache_lookups', 'alert_rules', 'alert_instances']
    LOOP
        CONTINUE WHEN to_regclass('enterprise.' || relation) IS NULL;
        BEGIN
            EXECUTE format('GRANT SELECT ON enterprise.%I TO otelgres_alert_sql', relation);
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE WARNING 'enterprise.% is somebody else''s: grant SELECT on it to otelgres_alert_sql', relation;
        END;
    END LOOP;
END $$;

COMMIT;
