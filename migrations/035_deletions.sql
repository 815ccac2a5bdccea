BEGIN;

-- What somebody wants deleted, a person's data for instance: counted first, deleted once that is confirmed. What is
-- sought stands here only as long as it is needed; `told` has digests instead, and stays.
CREATE TABLE IF NOT EXISTS enterprise.deletions (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    state varchar(9) NOT NULL DEFAULT 'counting'
        CHECK (state IN ('counting', 'counted', 'deleting', 'done', 'cancelled')),
    told jsonb NOT NULL,
    user_email varchar(512),
    session_id varchar(512),
    attribute_key varchar(512),
    attribute_value varchar(512),
    service_name varchar(255),
    rows_from timestamptz NOT NULL DEFAULT '-infinity',
    rows_to timestamptz NOT NULL DEFAULT 'infinity',
    requested_at timestamptz NOT NULL DEFAULT now(),
    requested_by varchar(255) NOT NULL,
    confirmed_at timestamptz,
    confirmed_by varchar(255),
    finished_at timestamptz,
    leaf varchar COLLATE "C" NOT NULL DEFAULT '',
    block bigint NOT NULL DEFAULT 0,
    blocks_done bigint NOT NULL DEFAULT 0,
    spans bigint NOT NULL DEFAULT 0,
    logs bigint NOT NULL DEFAULT 0,
    points bigint NOT NULL DEFAULT 0,
    traces bigint NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS deletions_open_idx ON enterprise.deletions (id) WHERE state IN ('counting', 'deleting');

COMMENT ON COLUMN enterprise.deletions.leaf IS 'the partition that is looked through just now; blocks before `block` were';
COMMENT ON COLUMN enterprise.deletions.traces IS 'rows of traces removed, being without a span';

-- The traces and series that a deletion seeks, as they were found before anything was deleted.
CREATE TABLE IF NOT EXISTS enterprise.deletion_traces (
    deletion bigint NOT NULL REFERENCES enterprise.deletions ON DELETE CASCADE,
    trace_id varchar(32) NOT NULL,
    PRIMARY KEY (deletion, trace_id)
);
CREATE TABLE IF NOT EXISTS enterprise.deletion_series (
    deletion bigint NOT NULL REFERENCES enterprise.deletions ON DELETE CASCADE,
    series_id bigint NOT NULL,
    PRIMARY KEY (deletion, series_id)
);

-- Whether a value stands anywhere in attributes, in lists and objects too.
CREATE OR REPLACE FUNCTION enterprise.holds_value(attributes jsonb, value text) RETURNS boolean
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT value IS NOT NULL
       AND coalesce(jsonb_path_exists(attributes, '$.** ? (@ == $value)', jsonb_build_object('value', value), true), false)
$$;

-- Migration 014, run again, grants every sequence that there is.
DO $$
BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'otelgres_writer') THEN
        REVOKE ALL ON SEQUENCE enterprise.deletions_id_seq FROM otelgres_writer;
    END IF;
END $$;

COMMIT;
