BEGIN;

-- What went because of the size set for all telemetry: ranges of a table up to here are not made again.
CREATE TABLE IF NOT EXISTS enterprise.retention_floors (
    parent varchar PRIMARY KEY,
    kept_from timestamptz NOT NULL
);

-- Traces that stay with their spans and logs when their time is over.
CREATE TABLE IF NOT EXISTS enterprise.pinned_traces (
    trace_id varchar(32) PRIMARY KEY,
    rows bigint NOT NULL,
    why varchar(1000) NOT NULL,
    pinned_at timestamptz NOT NULL DEFAULT now(),
    pinned_by varchar(255) NOT NULL
);

COMMENT ON COLUMN enterprise.pinned_traces.rows IS 'spans and logs, as they were counted when it was pinned';

-- What goes before the rest of its signal does: a row goes when the first of the rules that name it says so.
CREATE TABLE IF NOT EXISTS enterprise.retention_rules (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    signal varchar(6) NOT NULL CHECK (signal IN ('spans', 'logs')),
    service_name varchar(255),
    level varchar(10) CHECK (level IS NULL OR signal = 'logs'),
    keep_days integer NOT NULL CHECK (keep_days BETWEEN 1 AND 3650),
    created_at timestamptz NOT NULL DEFAULT now(),
    created_by varchar(255) NOT NULL,
    CHECK (service_name IS NOT NULL OR level IS NOT NULL),
    UNIQUE NULLS NOT DISTINCT (signal, service_name, level)
);

COMMENT ON COLUMN enterprise.retention_rules.service_name IS 'null: any';
COMMENT ON COLUMN enterprise.retention_rules.level IS 'null: any';

-- Partitions that a rule was kept in, with the rows that PostgreSQL had counted in before: more of them, and it is kept
-- there again.
CREATE TABLE IF NOT EXISTS enterprise.retention_rules_kept (
    rule bigint NOT NULL REFERENCES enterprise.retention_rules ON DELETE CASCADE,
    child varchar NOT NULL,
    inserted bigint NOT NULL,
    PRIMARY KEY (rule, child)
);

-- Puts the rows of traces right after some of their spans were deleted, and removes those without any. What came from a
-- deleted span is forgotten: a key's second half is the span that filled the column. Without its root a trace is told by
-- the first of its spans. What was written by hand, where keys are 0, stays.
-- The traces' rows MUST be locked.
CREATE OR REPLACE FUNCTION enterprise.mend_traces(ids text[]) RETURNS bigint
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    last_key CONSTANT uuid := 'ffffffff-ffff-ffff-ffff-ffffffffffff';
    by_hand CONSTANT uuid := '00000000-0000-0000-0000-000000000000';
    earliest timestamptz;
    latest timestamptz;
    removed bigint;
BEGIN
    SELECT min(start_time), max(coalesce(latest_start, start_time)) INTO earliest, latest
    FROM enterprise.traces WHERE trace_id = ANY (ids);

    WITH gone AS (
        DELETE FROM enterprise.traces AS t
        WHERE t.trace_id = ANY (ids)
          AND NOT EXISTS (SELECT FROM enterprise.trace_spans AS s
                          WHERE s.trace_id = t.trace_id AND s.start_time BETWEEN earliest AND latest)
        RETURNING 1
    )
    SELECT count(*) INTO removed FROM gone;

    UPDATE enterprise.traces AS t
    SET span_count = s.spans,
        error_count = s.errors,
        services = s.services,
        start_time = CASE WHEN t.entry_key = by_hand THEN t.start_time ELSE s.start_time END,
        latest_start = s.latest_start,
        latest_end = s.latest_end,
        method = CASE WHEN s.has_method THEN t.method END,
        method_key = CASE WHEN s.has_method THEN t.method_key ELSE last_key END,
        session_id = CASE WHEN s.has_session THEN t.session_id END,
        session_key = CASE WHEN s.has_session THEN t.session_key ELSE last_key END,
        user_email = CASE WHEN s.has_user THEN t.user_email END,
        user_key = CASE WHEN s.has_user THEN t.user_key ELSE last_key END,
        department = CASE WHEN s.has_department THEN t.department END,
        department_key = CASE WHEN s.has_department THEN t.department_key ELSE last_key END,
        entry_key = CASE WHEN s.has_entry THEN t.entry_key ELSE s.first_key END,
        entry_point = CASE WHEN s.has_entry THEN t.entry_point ELSE 'internal' END,
        endpoint = CASE WHEN s.has_entry THEN t.endpoint ELSE s.operation_name END,
        entry_status = CASE WHEN s.has_entry THEN t.entry_status ELSE s.status END,
        error_message = CASE WHEN s.has_entry THEN t.error_message ELSE s.error_message END,
        tags = CASE WHEN s.has_entry THEN t.tags ELSE '{}' END,
        service_name = CASE WHEN s.has_entry THEN t.service_name ELSE s.service_name END,
        operation_name = CASE WHEN s.has_entry THEN t.operation_name ELSE s.operation_name END,
        root_span_id = CASE WHEN s.has_entry THEN t.root_span_id END,
        root_missing = CASE WHEN s.has_entry THEN t.root_missing ELSE true END,
        status = CASE WHEN s.has_entry THEN t.status WHEN s.status = 'error' THEN 'error' ELSE 'completed' END,
        end_time = CASE WHEN t.entry_key = by_hand THEN t.end_time
                        WHEN NOT s.has_entry OR t.end_time IS NOT NULL THEN s.latest_end END,
        duration_ms = CASE WHEN t.entry_key = by_hand THEN t.duration_ms
                           WHEN NOT s.has_entry OR t.end_time IS NOT NULL
                           THEN greatest(extract(epoch FROM s.latest_end - s.start_time), 0)::float * 1000 END,
        updated_at = clock_timestamp()
    FROM (SELECT k.trace_id, count(*) AS spans, count(*) FILTER (WHERE k.status = 'error') AS errors,
                 coalesce(array_agg(DISTINCT k.service_name ORDER BY k.service_name)
                              FILTER (WHERE k.service_name IS NOT NULL), '{}') AS services,
                 min(k.start_time) AS start_time, max(k.start_time) AS latest_start, max(k.end_time) AS latest_end,
                 bool_or(filled.entry_key IN (by_hand) OR k.half = right(filled.entry_key::text, 17)) AS has_entry,
                 bool_or(filled.method_key IN (by_hand, last_key) OR k.half = right(filled.method_key::text, 17)) AS has_method,
                 bool_or(filled.session_key IN (by_hand, last_key) OR k.half = right(filled.session_key::text, 17)) AS has_session,
                 bool_or(filled.user_key IN (by_hand, last_key) OR k.half = right(filled.user_key::text, 17)) AS has_user,
                 bool_or(filled.department_key IN (by_hand, last_key) OR k.half = right(filled.department_key::text, 17)) AS has_department,
                 min(k.key::text)::uuid AS first_key,
                 (array_agg(k.operation_name ORDER BY k.key))[1] AS operation_name,
                 (array_agg(k.service_name ORDER BY k.key))[1] AS service_name,
                 (array_agg(coalesce(k.status, 'in_progress') ORDER BY k.key))[1] AS status,
                 (array_agg(k.error_message ORDER BY k.key))[1] AS error_message
          FROM (SELECT n.*, half.id AS half,
                       (lpad(to_hex((extract(epoch FROM least(greatest(n.start_time, 'epoch'), '2262-01-01Z')) * 1000000000)::bigint
                                    | 1::bigint << 63), 16, '0') || replace(half.id, '-', ''))::uuid AS key
                FROM enterprise.trace_spans AS n
                CROSS JOIN LATERAL (
                    SELECT lpad(left(regexp_replace(lower(n.span_id), '[^0-9a-f]', '', 'g'), 16), 16, '0') AS digits) AS span
                CROSS JOIN LATERAL (SELECT left(span.digits, 4) || '-' || right(span.digits, 12) AS id) AS half
                WHERE n.trace_id = ANY (ids) AND n.start_time BETWEEN earliest AND latest) AS k
          JOIN enterprise.traces AS filled ON filled.trace_id = k.trace_id
          GROUP BY k.trace_id) AS s
    WHERE t.trace_id = s.trace_id;
    RETURN removed;
END $$;

-- Deletes spans of a partition by their places in it, and puts their traces right. Traces are locked first, in their
-- order, as writers do, so that a writer that adds to one of them comes before all of this, or after it.
CREATE OR REPLACE FUNCTION enterprise.delete_spans(leaf regclass, places tid[], OUT spans bigint, OUT traces bigint)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    ids text[];
BEGIN
    EXECUTE format('SELECT array_agg(DISTINCT trace_id::text) FROM %s WHERE ctid = ANY ($1)', leaf) INTO ids USING places;
    PERFORM FROM enterprise.traces WHERE trace_id = ANY (ids) ORDER BY trace_id FOR UPDATE;
    EXECUTE format('WITH gone AS (DELETE FROM %s WHERE ctid = ANY ($1) RETURNING trace_id, span_id, start_time),
                         derived AS (DELETE FROM enterprise.gen_ai_spans AS g USING gone
                                     WHERE g.trace_id = gone.trace_id AND g.span_id = gone.span_id
                                       AND g.timestamp = gone.start_time)
                    SELECT count(*) FROM gone', leaf) INTO spans USING places;
    traces := enterprise.mend_traces(ids);
END $$;

-- How retention fares, in one row: for alerts, dashboards and people. late_seconds: since what is there should be gone.
-- last_error: of any job that lets something go.
CREATE OR REPLACE VIEW enterprise.retention_state AS
SELECT run.last_started_at, run.last_succeeded_at,
       (SELECT string_agg(failed.job || ': ' || failed.last_error, '; ' ORDER BY failed.job)
        FROM enterprise.maintenance_runs AS failed
        WHERE failed.job IN ('retention', 'retention_rules', 'deletions')) AS last_error,
       (run.report ->> 'bytes')::bigint AS bytes,
       (run.report ->> 'cap_bytes')::bigint AS cap_bytes,
       coalesce((run.report ->> 'over_bytes')::bigint, 0) AS over_bytes,
       greatest(extract(epoch FROM now() - (run.report ->> 'late_since')::timestamptz), 0)::float AS late_seconds,
       extract(epoch FROM now() - run.last_succeeded_at)::float AS seconds_since_success
FROM enterprise.maintenance_runs AS run
WHERE run.job = 'retention';

INSERT INTO enterprise.role_privileges (role, privileges, relation)
SELECT granted.role, 'SELECT', unnest(granted.relations)
FROM (VALUES
    ('otelgres_reader', ARRAY['pinned_traces', 'retention_rules', 'retention_rules_kept', 'retention_floors', 'retention_state']),
    ('otelgres_grafana', ARRAY['pinned_traces', 'retention_state']),
    ('otelgres_alert_sql', ARRAY['retention_state'])
) AS granted (role, relations)
ON CONFLICT (role, relation) DO NOTHING;
SELECT enterprise.grant_roles();

-- Migration 014, run again, grants every sequence that there is.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'otelgres_writer') THEN
        REVOKE ALL ON SEQUENCE enterprise.retention_rules_id_seq FROM otelgres_writer;
    END IF;
END $$;

COMMIT;
