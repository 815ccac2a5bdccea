BEGIN;

CREATE SCHEMA IF NOT EXISTS enterprise;

DO $$
DECLARE
    plain text;
BEGIN
    SELECT string_agg('enterprise.' || c.relname, ', ' ORDER BY c.relname) INTO plain
    FROM pg_class c
    WHERE c.relnamespace = 'enterprise'::regnamespace
      AND (c.relname = 'trace_spans' AND c.relkind = 'r'
           OR c.relname = 'traces' AND c.relkind = 'r' AND NOT EXISTS (
               SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'entry_key'));
    IF plain IS NOT NULL THEN
        RAISE EXCEPTION 'Otelgres needs its own tables, but % exist as plain tables: rename them, migrate, then copy their rows', plain;
    END IF;
END $$;

-- One row a trace, merged from every batch that carries a span of it.
-- A *_key orders the spans that may fill a column: bit 127 clear for a root, then start time, then span id; the least
-- key wins, so the row does not depend on the order of arrival. A row written by hand keeps its values: its keys are 0.
CREATE TABLE IF NOT EXISTS enterprise.traces (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    trace_id varchar(32) NOT NULL,
    entry_point varchar(20) NOT NULL,
    endpoint varchar,
    method varchar,
    session_id varchar,
    user_email varchar,
    department varchar,
    start_time timestamptz NOT NULL,
    end_time timestamptz,
    duration_ms float,
    status varchar(20) DEFAULT 'in_progress',
    error_message text,
    tags jsonb DEFAULT '{}',
    created_at timestamptz DEFAULT now(),

    service_name varchar,
    operation_name varchar,
    root_span_id varchar(16),
    span_count bigint NOT NULL DEFAULT 0,
    error_count bigint NOT NULL DEFAULT 0,
    services varchar[] NOT NULL DEFAULT '{}',
    root_missing boolean NOT NULL DEFAULT false,
    latest_start timestamptz,
    latest_end timestamptz,
    entry_status varchar(20),
    entry_key uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    method_key uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    session_key uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    user_key uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    department_key uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    updated_at timestamptz NOT NULL DEFAULT now()
) WITH (
    fillfactor = 80,
    autovacuum_vacuum_scale_factor = 0.02,
    autovacuum_vacuum_insert_scale_factor = 0.05,
    autovacuum_analyze_scale_factor = 0.02
);

COMMENT ON COLUMN enterprise.traces.service_name IS 'service of the root span, else of the earliest span';
COMMENT ON COLUMN enterprise.traces.operation_name IS 'name of the root span, else of the earliest span';
COMMENT ON COLUMN enterprise.traces.root_span_id IS 'null while no root span has come';
COMMENT ON COLUMN enterprise.traces.root_missing IS 'closed after five idle minutes without a root span';
COMMENT ON COLUMN enterprise.traces.latest_start IS 'greatest start_time of its spans; with start_time the range that holds them';

CREATE UNIQUE INDEX IF NOT EXISTS traces_trace_id_key ON enterprise.traces (trace_id);
CREATE INDEX IF NOT EXISTS traces_start_time_idx ON enterprise.traces (start_time DESC);
CREATE INDEX IF NOT EXISTS traces_user_email_idx ON enterprise.traces (user_email, start_time DESC)
    WHERE user_email IS NOT NULL;
CREATE INDEX IF NOT EXISTS traces_session_id_idx ON enterprise.traces (session_id, start_time DESC)
    WHERE session_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS traces_error_idx ON enterprise.traces (start_time DESC) WHERE status = 'error';
CREATE INDEX IF NOT EXISTS traces_in_progress_idx ON enterprise.traces (start_time DESC)
    WHERE status = 'in_progress';

CREATE TABLE IF NOT EXISTS enterprise.trace_spans (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    trace_id varchar(32) NOT NULL,
    span_id varchar(16) NOT NULL,
    parent_span_id varchar(16),
    operation_name varchar NOT NULL,
    service_name varchar DEFAULT 'enterprise_bot',
    start_time timestamptz NOT NULL,
    end_time timestamptz,
    duration_ms float,
    status varchar(20) DEFAULT 'in_progress',
    error_message text,
    tags jsonb DEFAULT '{}',
    logs jsonb DEFAULT '[]',

    kind smallint NOT NULL DEFAULT 0,
    start_nanos smallint NOT NULL DEFAULT 0,
    end_nanos smallint NOT NULL DEFAULT 0,
    status_code integer NOT NULL DEFAULT 0,
    status_message text,
    trace_state text,
    flags bigint,
    links jsonb,
    dropped_attributes_count bigint,
    dropped_events_count bigint,
    dropped_links_count bigint,
    resource_id bigint,
    scope_id bigint,
    writer integer NOT NULL DEFAULT 0,
    batch bigint NOT NULL DEFAULT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
) PARTITION BY RANGE (start_time);

COMMENT ON COLUMN enterprise.trace_spans.start_nanos IS 'nanoseconds below the microsecond of start_time, 0-999';
COMMENT ON COLUMN enterprise.trace_spans.end_nanos IS 'nanoseconds below the microsecond of end_time, 0-999';
COMMENT ON COLUMN enterprise.trace_spans.kind IS 'OTLP span kind: 0 unspecified, 1 internal, 2 server, 3 client, 4 producer, 5 consumer';
COMMENT ON COLUMN enterprise.trace_spans.writer IS 'the connection that wrote the row; 0 for plain SQL';
COMMENT ON COLUMN enterprise.trace_spans.batch IS 'rises with every commit of a writer, so (writer, batch) is a commit-safe cursor';

CREATE TABLE IF NOT EXISTS enterprise.trace_spans_default PARTITION OF enterprise.trace_spans DEFAULT;

CREATE INDEX IF NOT EXISTS trace_spans_trace_id_idx ON enterprise.trace_spans (trace_id);
CREATE INDEX IF NOT EXISTS trace_spans_brin_idx ON enterprise.trace_spans
    USING brin (start_time timestamptz_minmax_multi_ops, id uuid_bloom_ops, batch int8_minmax_ops)
    WITH (autosummarize = on);

-- Prompts of several kB come in tags and logs: pglz would cost more than all the rest of the row.
DO $$
BEGIN
    ALTER TABLE enterprise.trace_spans ALTER COLUMN tags SET COMPRESSION lz4;
    ALTER TABLE enterprise.trace_spans ALTER COLUMN logs SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    ALTER TABLE enterprise.trace_spans ALTER COLUMN tags SET STORAGE EXTERNAL;
    ALTER TABLE enterprise.trace_spans ALTER COLUMN logs SET STORAGE EXTERNAL;
END $$;

-- The leaves of the time-partitioned tables. Bounds are null for DEFAULT and for open ends. Whatever else has this name
-- is somebody's own and stays.
DO $do$
BEGIN
    IF EXISTS (
        SELECT FROM pg_class AS c
        WHERE c.oid = to_regclass('enterprise.partitions')
          AND (c.relkind <> 'v' OR ARRAY(SELECT a.attname::text FROM pg_attribute AS a WHERE a.attrelid = c.oid ORDER BY a.attnum)
                                   <> '{parent,child,lower_bound,upper_bound,is_default}')) THEN
        RAISE WARNING 'enterprise.partitions exists and is not the view of Otelgres: it was left alone';
        RETURN;
    END IF;
    CREATE OR REPLACE VIEW enterprise.partitions AS
    SELECT parent.relname::text AS parent,
           child.relname::text AS child,
           (regexp_match(bound.expression, 'FROM \(''([^'']+)''\)'))[1]::timestamptz AS lower_bound,
           (regexp_match(bound.expression, 'TO \(''([^'']+)''\)'))[1]::timestamptz AS upper_bound,
           bound.expression = 'DEFAULT' AS is_default
    FROM pg_inherits
    JOIN pg_class AS child ON child.oid = pg_inherits.inhrelid
    JOIN pg_class AS parent ON parent.oid = pg_inherits.inhparent AND parent.relkind = 'p'
    CROSS JOIN LATERAL (SELECT pg_get_expr(child.relpartbound, child.oid) AS expression) AS bound
    WHERE parent.relnamespace = 'enterprise'::regnamespace
      AND (bound.expression = 'DEFAULT' OR bound.expression LIKE 'FOR VALUES FROM%')
      AND NOT pg_inherits.inhdetachpending;
END $do$;

-- Merges parts of traces (parallel arrays, one element a trace, sorted by trace_id so that writers cannot deadlock)
-- into enterprise.traces. Parts may come in any order; what was written by hand stays.
CREATE OR REPLACE FUNCTION enterprise.merge_traces(
    ids uuid[], trace_ids text[], entry_keys uuid[], entry_points text[], endpoints text[], entry_statuses text[],
    error_messages text[], tags text[], service_names text[], operation_names text[], root_span_ids text[],
    method_keys uuid[], methods text[], session_keys uuid[], session_ids text[], user_keys uuid[], user_emails text[],
    department_keys uuid[], departments text[], start_times timestamptz[], latest_starts timestamptz[],
    latest_ends timestamptz[], span_counts bigint[], error_counts bigint[], services text[]
) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO enterprise.traces AS t (
        id, trace_id, entry_key, entry_point, endpoint, entry_status, error_message, tags, service_name,
        operation_name, root_span_id, method_key, method, session_key, session_id, user_key, user_email,
        department_key, department, start_time, latest_start, latest_end, span_count, error_count, services,
        status, end_time, duration_ms)
    SELECT p.id, p.trace_id, p.entry_key, p.entry_point, p.endpoint, p.entry_status, p.error_message, p.tags::jsonb,
           p.service_name, p.operation_name, p.root_span_id, p.method_key, p.method, p.session_key, p.session_id,
           p.user_key, p.user_email, p.department_key, p.department, p.start_time, p.latest_start, p.latest_end,
           p.span_count, p.error_count, string_to_array(p.services, E'\x01'),
           CASE WHEN p.root_span_id IS NULL THEN 'in_progress' ELSE p.entry_status END,
           CASE WHEN p.root_span_id IS NOT NULL AND p.entry_status <> 'in_progress' THEN p.latest_end END,
           CASE WHEN p.root_span_id IS NOT NULL AND p.entry_status <> 'in_progress' AND p.latest_end IS NOT NULL
                THEN greatest(extract(epoch FROM p.latest_end - p.start_time), 0)::float * 1000 END
    FROM unnest(ids, trace_ids, entry_keys, entry_points, endpoints, entry_statuses, error_messages, tags,
                service_names, operation_names, root_span_ids, method_keys, methods, session_keys, session_ids,
                user_keys, user_emails, department_keys, departments, start_times, latest_starts, latest_ends,
                span_counts, error_counts, services)
         AS p(id, trace_id, entry_key, entry_point, endpoint, entry_status, error_message, tags, service_name,
              operation_name, root_span_id, method_key, method, session_key, session_id, user_key, user_email,
              department_key, department, start_time, latest_start, latest_end, span_count, error_count, services)
    ON CONFLICT (trace_id) DO UPDATE SET
        (entry_key, entry_point, endpoint, entry_status, error_message, tags, service_name, operation_name,
         root_span_id, method_key, method, session_key, session_id, user_key, user_email, department_key, department,
         start_time, latest_start, latest_end, span_count, error_count, services,
         root_missing, status, end_time, duration_ms, updated_at) =
        (SELECT m.entry_key, m.entry_point, m.endpoint, m.entry_status, m.error_message, m.tags, m.service_name,
                m.operation_name, m.root_span_id, m.method_key, m.method, m.session_key, m.session_id, m.user_key,
                m.user_email, m.department_key, m.department, m.start_time, m.latest_start, m.latest_end,
                m.span_count, m.error_count, m.services,
                t.root_missing AND m.root_span_id IS NULL,
                m.status,
                CASE WHEN m.entry_status IS NULL THEN t.end_time WHEN m.status <> 'in_progress' THEN m.latest_end END,
                CASE WHEN m.entry_status IS NULL THEN t.duration_ms
                     WHEN m.status <> 'in_progress' AND m.latest_end IS NOT NULL
                     THEN greatest(extract(epoch FROM m.latest_end - m.start_time), 0)::float * 1000 END,
                clock_timestamp()
         FROM (SELECT n.*,
                      CASE WHEN n.entry_status IS NULL THEN t.status
                           WHEN n.root_span_id IS NOT NULL THEN n.entry_status
                           WHEN NOT t.root_missing THEN 'in_progress'
                           WHEN n.entry_status = 'error' THEN 'error'
                           ELSE 'completed' END AS status
               FROM (SELECT least(t.entry_key, excluded.entry_key) AS entry_key,
                            CASE WHEN e.newer THEN excluded.entry_point ELSE t.entry_point END AS entry_point,
                            CASE WHEN e.newer THEN excluded.endpoint ELSE t.endpoint END AS endpoint,
                            CASE WHEN e.newer THEN excluded.entry_status ELSE t.entry_status END AS entry_status,
                            CASE WHEN e.newer THEN excluded.error_message ELSE t.error_message END AS error_message,
                            CASE WHEN e.newer THEN excluded.tags ELSE t.tags END AS tags,
                            CASE WHEN e.newer THEN excluded.service_name ELSE t.service_name END AS service_name,
                            CASE WHEN e.newer THEN excluded.operation_name ELSE t.operation_name END AS operation_name,
                            CASE WHEN e.newer THEN excluded.root_span_id ELSE t.root_span_id END AS root_span_id,
                            least(t.method_key, excluded.method_key) AS method_key,
                            CASE WHEN excluded.method_key < t.method_key THEN excluded.method ELSE t.method END AS method,
                            least(t.session_key, excluded.session_key) AS session_key,
                            CASE WHEN excluded.session_key < t.session_key THEN excluded.session_id ELSE t.session_id END AS session_id,
                            least(t.user_key, excluded.user_key) AS user_key,
                            CASE WHEN excluded.user_key < t.user_key THEN excluded.user_email ELSE t.user_email END AS user_email,
                            least(t.department_key, excluded.department_key) AS department_key,
                            CASE WHEN excluded.department_key < t.department_key THEN excluded.department ELSE t.department END AS department,
                            least(t.start_time, excluded.start_time) AS start_time,
                            greatest(t.latest_start, excluded.latest_start) AS latest_start,
                            greatest(t.latest_end, excluded.latest_end) AS latest_end,
                            t.span_count + excluded.span_count AS span_count,
                            t.error_count + excluded.error_count AS error_count,
                            CASE WHEN excluded.services <@ t.services THEN t.services
                                 ELSE ARRAY(SELECT DISTINCT s FROM unnest(t.services || excluded.services) AS s ORDER BY s)
                                 END AS services
                     FROM (SELECT excluded.entry_key <= t.entry_key AS newer) AS e) AS n) AS m);
END $$;

-- Whoever writes spans by plain SQL gets their traces made or widened; the writer COPYs into leaves and merges itself.
CREATE OR REPLACE FUNCTION enterprise.make_traces_of_spans() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM enterprise.merge_traces(
        array_agg(gen_random_uuid()), array_agg(p.trace_id), array_agg(p.entry_key), array_agg('internal'::text),
        array_agg(p.operation_name), array_agg(p.status), array_agg(p.error_message), array_agg(p.tags),
        array_agg(p.service_name), array_agg(p.operation_name), array_agg(p.root_span_id),
        array_agg(p.last_key), array_agg(NULL::text), array_agg(p.last_key), array_agg(NULL::text),
        array_agg(p.last_key), array_agg(NULL::text), array_agg(p.last_key), array_agg(NULL::text),
        array_agg(p.start_time), array_agg(p.latest_start), array_agg(p.latest_end), array_agg(p.span_count),
        array_agg(p.error_count), array_agg(p.services))
    FROM (
        SELECT k.trace_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid AS last_key,
               (array_agg(k.key ORDER BY k.key))[1] AS entry_key,
               (array_agg(k.operation_name ORDER BY k.key))[1]::text AS operation_name,
               (array_agg(k.service_name ORDER BY k.key))[1]::text AS service_name,
               (array_agg(coalesce(k.status, 'in_progress') ORDER BY k.key))[1]::text AS status,
               (array_agg(k.error_message ORDER BY k.key))[1] AS error_message,
               (array_agg(CASE WHEN k.is_root THEN coalesce(k.tags, '{}') ELSE '{}' END ORDER BY k.key))[1]::text AS tags,
               (array_agg(CASE WHEN k.is_root THEN k.span_id END ORDER BY k.key))[1]::text AS root_span_id,
               min(k.start_time) AS start_time, max(k.start_time) AS latest_start, max(k.end_time) AS latest_end,
               count(*) FILTER (WHERE TG_OP = 'INSERT') AS span_count,
               count(*) FILTER (WHERE TG_OP = 'INSERT' AND k.status = 'error') AS error_count,
               coalesce(string_agg(DISTINCT k.service_name, E'\x01'), '') AS services
        FROM (SELECT n.*, r.is_root,
                     (lpad(to_hex((extract(epoch FROM least(greatest(n.start_time, 'epoch'), '2262-01-01Z')) * 1000000000)::bigint
                                  | CASE WHEN r.is_root THEN 0 ELSE 1::bigint << 63 END), 16, '0')
                      || lpad(left(regexp_replace(lower(n.span_id), '[^0-9a-f]', '', 'g'), 16), 16, '0'))::uuid AS key
              FROM new_spans AS n
              CROSS JOIN LATERAL (SELECT coalesce(n.parent_span_id, '') IN ('', n.span_id) AS is_root) AS r) AS k
        GROUP BY k.trace_id
        ORDER BY k.trace_id
    ) AS p
    HAVING count(*) > 0;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION enterprise.delete_spans_of_traces() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    earliest timestamptz;
    latest timestamptz;
BEGIN
    SELECT min(start_time), max(coalesce(latest_start, start_time)) INTO earliest, latest FROM old_traces;
    IF earliest IS NOT NULL THEN
        DELETE FROM enterprise.trace_spans
        WHERE trace_id IN (SELECT trace_id FROM old_traces) AND start_time BETWEEN earliest AND latest;
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION enterprise.truncate_spans() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Both tables may be truncated by one statement, which forbids a second time.
    IF EXISTS (SELECT FROM enterprise.trace_spans) THEN
        TRUNCATE enterprise.trace_spans;
    END IF;
    RETURN NULL;
END $$;

CREATE OR REPLACE FUNCTION enterprise.refuse_new_trace_id() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a trace keeps its trace_id: its spans refer to it' USING ERRCODE = 'foreign_key_violation';
END $$;

CREATE OR REPLACE TRIGGER trace_spans_inserted AFTER INSERT ON enterprise.trace_spans
    REFERENCING NEW TABLE AS new_spans FOR EACH STATEMENT EXECUTE FUNCTION enterprise.make_traces_of_spans();
CREATE OR REPLACE TRIGGER trace_spans_updated AFTER UPDATE ON enterprise.trace_spans
    REFERENCING NEW TABLE AS new_spans FOR EACH STATEMENT EXECUTE FUNCTION enterprise.make_traces_of_spans();
CREATE OR REPLACE TRIGGER traces_deleted AFTER DELETE ON enterprise.traces
    REFERENCING OLD TABLE AS old_traces FOR EACH STATEMENT EXECUTE FUNCTION enterprise.delete_spans_of_traces();
CREATE OR REPLACE TRIGGER traces_truncated AFTER TRUNCATE ON enterprise.traces
    FOR EACH STATEMENT EXECUTE FUNCTION enterprise.truncate_spans();
CREATE OR REPLACE TRIGGER traces_renamed BEFORE UPDATE OF trace_id ON enterprise.traces
    FOR EACH ROW WHEN (NEW.trace_id IS DISTINCT FROM OLD.trace_id)
    EXECUTE FUNCTION enterprise.refuse_new_trace_id();

COMMIT;
