BEGIN;

-- Rate, errors and durations. Writers append one row of arrays a transaction; a job folds them into minutes; readers
-- sum both, so the figures never lag.
-- minutes, operations, spans, errors and durations_ms are parallel; buckets holds one element a span, in the order of
-- the operations: the first spans[1] of them belong to operations[1], the next spans[2] to operations[2].
-- A bucket holds durations in (1.04^(bucket-1), 1.04^bucket] microseconds: any quantile is within 2 %.
CREATE TABLE IF NOT EXISTS enterprise.operations (
    id bigint PRIMARY KEY,
    service_name varchar NOT NULL,
    operation_name varchar NOT NULL,
    kind smallint NOT NULL,
    first_seen timestamptz NOT NULL DEFAULT now(),
    last_seen timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS enterprise.operation_deltas (
    writer integer NOT NULL,
    batch bigint NOT NULL,
    minutes timestamptz[] NOT NULL,
    operations bigint[] NOT NULL,
    spans integer[] NOT NULL,
    errors integer[] NOT NULL,
    durations_ms float[] NOT NULL,
    buckets smallint[] NOT NULL
);

CREATE TABLE IF NOT EXISTS enterprise.operation_minutes (
    minute timestamptz NOT NULL,
    operation bigint NOT NULL,
    spans bigint NOT NULL,
    errors bigint NOT NULL,
    duration_ms float NOT NULL,
    buckets smallint[] NOT NULL,
    counts bigint[] NOT NULL,
    PRIMARY KEY (minute, operation)
) PARTITION BY RANGE (minute);
CREATE TABLE IF NOT EXISTS enterprise.operation_minutes_default PARTITION OF enterprise.operation_minutes DEFAULT;

CREATE TABLE IF NOT EXISTS enterprise.log_deltas (
    writer integer NOT NULL,
    batch bigint NOT NULL,
    minutes timestamptz[] NOT NULL,
    services text[] NOT NULL,
    levels text[] NOT NULL,
    logs integer[] NOT NULL
);

CREATE TABLE IF NOT EXISTS enterprise.log_minutes (
    minute timestamptz NOT NULL,
    service_name varchar NOT NULL,
    level varchar(10) NOT NULL,
    logs bigint NOT NULL,
    PRIMARY KEY (minute, service_name, level)
) PARTITION BY RANGE (minute);
CREATE TABLE IF NOT EXISTS enterprise.log_minutes_default PARTITION OF enterprise.log_minutes DEFAULT;

COMMENT ON COLUMN enterprise.log_minutes.service_name IS 'names over 200 characters are shortened and end in a hash; the rows keep them whole';

COMMIT;
