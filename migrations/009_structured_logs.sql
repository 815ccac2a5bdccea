BEGIN;

DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_class WHERE oid = to_regclass('enterprise.structured_logs') AND relkind = 'r') THEN
        RAISE EXCEPTION 'Otelgres needs its own tables, but enterprise.structured_logs exists as a plain table: rename it, migrate, then copy its rows';
    END IF;
END $$;

CREATE TABLE IF NOT EXISTS enterprise.structured_logs (
    id uuid NOT NULL DEFAULT gen_random_uuid(),
    timestamp timestamptz NOT NULL DEFAULT now(),
    level varchar(10) NOT NULL,
    logger_name varchar NOT NULL,
    message text NOT NULL,
    trace_id varchar(32),
    span_id varchar(16),
    user_email varchar,
    department varchar,
    session_id varchar,
    endpoint varchar,
    extra jsonb DEFAULT '{}',
    exception_type varchar,
    exception_message text,
    exception_traceback text,

    service_name varchar,
    severity_number integer NOT NULL DEFAULT 0,
    severity_text varchar,
    event_name varchar,
    body jsonb,
    timestamp_nanos smallint,
    observed_time timestamptz,
    observed_nanos smallint,
    flags bigint,
    dropped_attributes_count bigint,
    resource_id bigint,
    scope_id bigint,
    writer integer NOT NULL DEFAULT 0,
    batch bigint NOT NULL DEFAULT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
) PARTITION BY RANGE (timestamp);

COMMENT ON COLUMN enterprise.structured_logs.body IS 'the body where it is no string, null where message says it all; JSON null for a record without body';
COMMENT ON COLUMN enterprise.structured_logs.timestamp_nanos IS 'nanoseconds below the microsecond of timestamp; null where the record carried no time of its own';

CREATE TABLE IF NOT EXISTS enterprise.structured_logs_default PARTITION OF enterprise.structured_logs DEFAULT;

CREATE INDEX IF NOT EXISTS structured_logs_timestamp_idx ON enterprise.structured_logs (timestamp DESC);
CREATE INDEX IF NOT EXISTS structured_logs_trace_id_idx ON enterprise.structured_logs (trace_id)
    WHERE trace_id IS NOT NULL;
CREATE INDEX IF NOT EXISTS structured_logs_brin_idx ON enterprise.structured_logs
    USING brin (id uuid_bloom_ops, batch int8_minmax_ops) WITH (autosummarize = on);

DO $$
BEGIN
    ALTER TABLE enterprise.structured_logs ALTER COLUMN message SET COMPRESSION lz4;
    ALTER TABLE enterprise.structured_logs ALTER COLUMN extra SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    ALTER TABLE enterprise.structured_logs ALTER COLUMN message SET STORAGE EXTERNAL;
    ALTER TABLE enterprise.structured_logs ALTER COLUMN extra SET STORAGE EXTERNAL;
END $$;

-- Full text reads the first 100,000 characters of a message: a tsvector holds no more than 1 MB, and one long line
-- must not stop an index from being built.
CREATE OR REPLACE FUNCTION enterprise.message_words(message text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT to_tsvector('english'::regconfig, left(message, 100000)) $$;

-- One announcement a statement. PostgreSQL refuses payloads of 8,000 bytes, and no announcement may fail an insert;
-- a character takes at most six bytes in JSON.
CREATE OR REPLACE FUNCTION enterprise.notify_new_log() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    newest record;
    payload text;
    announced bigint;
BEGIN
    SELECT count(*) INTO announced FROM new_logs;
    IF announced = 0 THEN
        RETURN NULL;
    END IF;
    SELECT id, timestamp, level, logger_name, message, trace_id INTO newest
    FROM new_logs ORDER BY timestamp DESC LIMIT 1;
    payload := (to_jsonb(newest) || jsonb_build_object('count', announced))::text;
    IF octet_length(payload) > 7900 THEN
        newest.message := left(newest.message, 1000);
        newest.logger_name := left(newest.logger_name, 150);
        payload := (to_jsonb(newest) || jsonb_build_object('count', announced, 'truncated', true))::text;
    END IF;
    PERFORM pg_notify('new_log', payload);
    RETURN NULL;
END $$;

CREATE OR REPLACE TRIGGER structured_logs_inserted AFTER INSERT ON enterprise.structured_logs
    REFERENCING NEW TABLE AS new_logs FOR EACH STATEMENT EXECUTE FUNCTION enterprise.notify_new_log();

COMMIT;
