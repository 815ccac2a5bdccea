BEGIN;

-- Keys of senders and scripts. The secret is random, so its plain SHA-256 says nothing of it.
CREATE TABLE IF NOT EXISTS enterprise.access_keys (
    id varchar(12) PRIMARY KEY,
    name varchar(100) NOT NULL,
    digest bytea NOT NULL CHECK (octet_length(digest) = 32),
    scopes text[] NOT NULL
        CHECK (cardinality(scopes) > 0 AND scopes <@ ARRAY['traces', 'logs', 'metrics', 'read', 'write']),
    services text[] CHECK (cardinality(services) > 0),
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by varchar(255),
    expires_at timestamptz,
    last_used_at timestamptz,
    revoked_at timestamptz,
    revoked_by varchar(255)
);
CREATE UNIQUE INDEX IF NOT EXISTS access_keys_name_idx ON enterprise.access_keys (name) WHERE revoked_at IS NULL;
CREATE INDEX IF NOT EXISTS access_keys_created_idx ON enterprise.access_keys (created_at DESC, id DESC);

COMMENT ON COLUMN enterprise.access_keys.id IS 'the part of the key that is no secret: otg_<id>_<secret>';
COMMENT ON COLUMN enterprise.access_keys.digest IS 'SHA-256 of the secret';
COMMENT ON COLUMN enterprise.access_keys.services IS 'the only service names that may come by it; null: all';
COMMENT ON COLUMN enterprise.access_keys.last_used_at IS 'right to a minute or two';

CREATE OR REPLACE FUNCTION enterprise.announce_access_keys() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    PERFORM pg_notify('access_keys', '');
    RETURN NULL;
END $$;
DROP TRIGGER IF EXISTS announce_access_keys ON enterprise.access_keys;
CREATE TRIGGER announce_access_keys
    AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE OF name, digest, scopes, services, expires_at, revoked_at
    ON enterprise.access_keys FOR EACH STATEMENT EXECUTE FUNCTION enterprise.announce_access_keys();

-- Who was let in to what, and who changed that. Nothing is ever taken out of it.
CREATE TABLE IF NOT EXISTS enterprise.access_audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    actor varchar(255) NOT NULL,
    action varchar(50) NOT NULL,
    subject varchar(255) NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}',
    client_address varchar(100)
);
CREATE INDEX IF NOT EXISTS access_audit_at_idx ON enterprise.access_audit (at DESC, id DESC);

CREATE OR REPLACE FUNCTION enterprise.refuse_change_of_audit() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE insufficient_privilege USING MESSAGE = 'enterprise.access_audit is only added to';
END $$;
DROP TRIGGER IF EXISTS refuse_change_of_audit ON enterprise.access_audit;
CREATE TRIGGER refuse_change_of_audit BEFORE UPDATE OR DELETE OR TRUNCATE
    ON enterprise.access_audit FOR EACH STATEMENT EXECUTE FUNCTION enterprise.refuse_change_of_audit();
-- Also while a session plays a replica's part, in which other triggers rest.
ALTER TABLE enterprise.access_audit ENABLE ALWAYS TRIGGER refuse_change_of_audit;

-- For Grafana and the like: what happened, without what Otelgres keeps for itself.
DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'otelgres_grafana') THEN
        CREATE ROLE otelgres_grafana NOLOGIN;
    END IF;
EXCEPTION
    WHEN insufficient_privilege THEN
        RAISE WARNING 'role otelgres_grafana not created: % may not create roles', current_user;
    WHEN duplicate_object OR unique_violation THEN
        NULL;
END $$;

-- What each group role may do. A relation that is not named here is its owner's alone.
CREATE TABLE IF NOT EXISTS enterprise.role_privileges (
    role text NOT NULL,
    relation text NOT NULL,
    privileges text NOT NULL,
    PRIMARY KEY (role, relation)
);
INSERT INTO enterprise.role_privileges (role, privileges, relation)
SELECT granted.role, granted.privileges, unnest(granted.relations)
FROM (VALUES
    ('otelgres_writer', 'SELECT, INSERT, UPDATE, DELETE', ARRAY[
        'traces', 'trace_spans', 'structured_logs', 'metric_series', 'metric_bounds', 'metric_points', 'resources',
        'scopes', 'operations', 'ingest_batches', 'writers', 'operation_deltas', 'log_deltas', 'spools',
        'ingest_report']),
    ('otelgres_writer', 'SELECT', ARRAY[
        'schema_migrations', 'partitions', 'metrics', 'rag_metrics', 'llm_call_metrics', 'cache_lookups']),
    ('otelgres_reader', 'SELECT', ARRAY[
        'traces', 'trace_spans', 'structured_logs', 'metric_series', 'metric_bounds', 'metric_points',
        'metric_minutes', 'metric_hours', 'metric_positions', 'metric_hours_due', 'resources', 'scopes',
        'operations', 'operation_deltas', 'operation_minutes', 'operation_quarters', 'operation_news',
        'service_quarters', 'log_deltas', 'log_minutes', 'edges', 'edge_minutes', 'edge_quarters',
        'edge_positions', 'waiting_links', 'rollup_progress', 'attribute_keys', 'attribute_values',
        'attribute_positions', 'attribute_leaves', 'gen_ai_spans', 'gen_ai_positions', 'transaction_marks',
        'writers', 'ingest_report', 'leases', 'maintenance_runs', 'sealed_partitions', 'schema_migrations',
        'alert_rules', 'alert_states', 'alert_instances', 'alert_history', 'alert_silences', 'alert_inhibitions',
        'alert_routes', 'alert_reports', 'partitions', 'metrics', 'rag_metrics', 'llm_call_metrics',
        'cache_lookups']),
    ('otelgres_grafana', 'SELECT', ARRAY[
        'traces', 'trace_spans', 'structured_logs', 'metrics', 'metric_series', 'metric_bounds', 'metric_points',
        'metric_minutes', 'metric_hours', 'resources', 'scopes', 'operations', 'operation_deltas',
        'operation_minutes', 'service_quarters', 'log_deltas', 'log_minutes', 'edges', 'edge_minutes',
        'gen_ai_spans', 'rag_metrics', 'llm_call_metrics', 'cache_lookups', 'ingest_report', 'partitions',
        'alert_rules', 'alert_instances', 'alert_history']),
    ('otelgres_alert_sql', 'SELECT', ARRAY[
        'traces', 'trace_spans', 'structured_logs', 'resources', 'scopes', 'metrics', 'rag_metrics',
        'llm_call_metrics', 'cache_lookups', 'alert_rules', 'alert_instances'])
) AS granted (role, privileges, relations)
ON CONFLICT (role, relation) DO NOTHING;

-- Gives the group roles what they may, and takes everything else from them, but for custom SQL, which an admin may
-- grant more. Whoever made a role later calls it again.
CREATE OR REPLACE FUNCTION enterprise.grant_roles() RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    change record;
BEGIN
    FOR change IN
        SELECT c.oid::regclass AS relation, r.rolname AS role, p.privileges
        FROM pg_class AS c
        CROSS JOIN pg_roles AS r
        LEFT JOIN enterprise.role_privileges AS p
          ON p.role = r.rolname
         AND p.relation = (SELECT top.relname FROM pg_class AS top
                           WHERE top.oid = coalesce(pg_partition_root(c.oid), c.oid))
          -- Who reads reads through the table; writers COPY into partitions.
         AND (NOT c.relispartition OR p.privileges LIKE '%INSERT%')
        WHERE c.relnamespace = 'enterprise'::regnamespace
          AND c.relkind IN ('r', 'p', 'v', 'm')
          AND r.rolname IN (SELECT role FROM enterprise.role_privileges)
          AND (p.privileges IS NOT NULL OR EXISTS (SELECT FROM aclexplode(c.relacl) AS a WHERE a.grantee = r.oid))
        ORDER BY c.oid::regclass::text, r.rolname
    LOOP
        BEGIN
            IF change.role <> 'otelgres_alert_sql' THEN
                EXECUTE format('REVOKE ALL ON %s FROM %I', change.relation, change.role);
            END IF;
            IF change.privileges IS NOT NULL THEN
                EXECUTE format('GRANT %s ON %s TO %I', change.privileges, change.relation, change.role);
            END IF;
        EXCEPTION WHEN insufficient_privilege THEN
            RAISE WARNING '% is somebody else''s: they must grant it to %', change.relation, change.role;
        END;
    END LOOP;
    FOR change IN
        SELECT DISTINCT p.role FROM enterprise.role_privileges AS p JOIN pg_roles ON rolname = p.role
    LOOP
        EXECUTE format('GRANT USAGE ON SCHEMA enterprise TO %I', change.role);
    END LOOP;
END $$;
REVOKE EXECUTE ON FUNCTION enterprise.grant_roles() FROM PUBLIC;

-- What is made later is its owner's alone until grant_roles() knows of it.
DO $$
DECLARE
    grantee text;
BEGIN
    FOR grantee IN SELECT rolname FROM pg_roles WHERE rolname IN ('otelgres_writer', 'otelgres_reader') LOOP
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA enterprise REVOKE ALL ON TABLES FROM %I', grantee);
        EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA enterprise REVOKE ALL ON SEQUENCES FROM %I', grantee);
    END LOOP;
    PERFORM enterprise.grant_roles();
END $$;

COMMIT;
