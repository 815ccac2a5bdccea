BEGIN;

-- A series once. The id is the first eight bytes of a hash of what identifies it: resource, scope, name, unit, type,
-- temporality, monotonic and attributes. Description and metadata are the last ones that came.
CREATE TABLE IF NOT EXISTS enterprise.metric_series (
    id bigint PRIMARY KEY,
    service_name varchar NOT NULL,
    name text NOT NULL,
    type varchar(24) NOT NULL
        CHECK (type IN ('gauge', 'sum', 'histogram', 'exponential_histogram', 'summary')),
    unit text NOT NULL,
    temporality varchar(12) CHECK (temporality IN ('unspecified', 'delta', 'cumulative')),
    monotonic boolean,
    attributes jsonb NOT NULL,
    description text,
    metadata jsonb,
    resource_id bigint NOT NULL,
    scope_id bigint NOT NULL,
    first_seen timestamptz NOT NULL DEFAULT now(),
    last_seen timestamptz NOT NULL DEFAULT now()
);

COMMENT ON COLUMN enterprise.metric_series.service_name IS 'names over 200 characters are shortened and end in a hash; the resource keeps them whole';
COMMENT ON COLUMN enterprise.metric_series.temporality IS 'null where the type has none: gauge and summary';
COMMENT ON COLUMN enterprise.metric_series.monotonic IS 'null where the type has none: all but sum';

-- A hash: a btree entry holds no more than 2,704 bytes, and names have no bound.
CREATE INDEX IF NOT EXISTS metric_series_name_idx ON enterprise.metric_series USING hash (name);
CREATE INDEX IF NOT EXISTS metric_series_service_idx ON enterprise.metric_series (service_name, last_seen);

-- Bounds of histograms, stored once: a third of a point otherwise.
CREATE TABLE IF NOT EXISTS enterprise.metric_bounds (
    id bigint PRIMARY KEY,
    bounds float[] NOT NULL,
    last_seen timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE IF NOT EXISTS enterprise.metric_points (
    series_id bigint NOT NULL,
    time timestamptz NOT NULL,
    start_time timestamptz,
    time_nanos smallint NOT NULL DEFAULT 0,
    start_nanos smallint NOT NULL DEFAULT 0,

    value float,
    value_int bigint,

    count bigint,
    sum float,
    min float,
    max float,
    bounds_id bigint,
    bucket_counts bigint[],
    scale integer,
    zero_count bigint,
    zero_threshold float,
    positive_offset integer,
    positive_counts bigint[],
    negative_offset integer,
    negative_counts bigint[],
    quantiles float[],
    quantile_values float[],

    flags bigint,
    exemplars jsonb,
    writer integer NOT NULL DEFAULT 0,
    batch bigint NOT NULL DEFAULT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
) PARTITION BY RANGE (time);

COMMENT ON COLUMN enterprise.metric_points.start_time IS 'null where unknown, and for gauges';
COMMENT ON COLUMN enterprise.metric_points.time_nanos IS 'nanoseconds below the microsecond of time, 0-999';
COMMENT ON COLUMN enterprise.metric_points.start_nanos IS 'nanoseconds below the microsecond of start_time, 0-999';
COMMENT ON COLUMN enterprise.metric_points.value IS 'of a gauge or sum; null marks the end of a series (NO_RECORDED_VALUE)';
COMMENT ON COLUMN enterprise.metric_points.value_int IS 'the same value exactly, where it came as an integer';
COMMENT ON COLUMN enterprise.metric_points.positive_offset IS 'index of the first element of positive_counts: bucket i holds values in (base^i, base^(i+1)], base = 2^(2^-scale)';

CREATE TABLE IF NOT EXISTS enterprise.metric_points_default PARTITION OF enterprise.metric_points DEFAULT;

-- A point that comes again is a repetition: the first one stays.
CREATE UNIQUE INDEX IF NOT EXISTS metric_points_key ON enterprise.metric_points
    (series_id, time, start_time, time_nanos, start_nanos) NULLS NOT DISTINCT;
CREATE INDEX IF NOT EXISTS metric_points_brin_idx ON enterprise.metric_points
    USING brin (batch int8_minmax_ops) WITH (autosummarize = on);

-- Points rolled up by the minute and by the hour.
-- points, value_*, last*: of the numbers in the bucket. increase: how much a sum grew; null for anything else.
-- count, sum, buckets: how much a histogram or summary grew. min and max: of delta histograms, whose points cover their
-- own time only. buckets holds the indexes of the non-empty buckets: into the bounds of bounds_id, or exponential ones
-- of `scale`.
CREATE TABLE IF NOT EXISTS enterprise.metric_minutes (
    series_id bigint NOT NULL,
    minute timestamptz NOT NULL,
    points bigint NOT NULL,
    value_sum float,
    value_min float,
    value_max float,
    last float,
    last_time timestamptz NOT NULL,
    increase float,
    count bigint,
    sum float,
    min float,
    max float,
    bounds_id bigint,
    scale integer,
    zero_count bigint,
    zero_threshold float,
    buckets integer[],
    bucket_counts bigint[],
    negative_buckets integer[],
    negative_counts bigint[],
    PRIMARY KEY (series_id, minute)
) PARTITION BY RANGE (minute);
CREATE TABLE IF NOT EXISTS enterprise.metric_minutes_default PARTITION OF enterprise.metric_minutes DEFAULT;

CREATE TABLE IF NOT EXISTS enterprise.metric_hours (
    series_id bigint NOT NULL,
    hour timestamptz NOT NULL,
    points bigint NOT NULL,
    value_sum float,
    value_min float,
    value_max float,
    last float,
    last_time timestamptz NOT NULL,
    increase float,
    count bigint,
    sum float,
    min float,
    max float,
    bounds_id bigint,
    scale integer,
    zero_count bigint,
    zero_threshold float,
    buckets integer[],
    bucket_counts bigint[],
    negative_buckets integer[],
    negative_counts bigint[],
    PRIMARY KEY (series_id, hour)
) PARTITION BY RANGE (hour);
CREATE TABLE IF NOT EXISTS enterprise.metric_hours_default PARTITION OF enterprise.metric_hours DEFAULT;

-- How far each writer's points are rolled up, and the hours whose minutes have changed since.
CREATE TABLE IF NOT EXISTS enterprise.metric_positions (
    writer integer PRIMARY KEY,
    batch bigint NOT NULL
) WITH (fillfactor = 50);
CREATE TABLE IF NOT EXISTS enterprise.metric_hours_due (
    hour timestamptz NOT NULL,
    series_id bigint NOT NULL,
    PRIMARY KEY (hour, series_id)
);

-- Whatever else has this name is somebody's own and stays.
DO $do$
BEGIN
    IF EXISTS (
        SELECT FROM pg_class AS c
        WHERE c.oid = to_regclass('enterprise.metrics')
          AND (c.relkind <> 'v' OR (ARRAY(SELECT a.attname::text FROM pg_attribute AS a
                                          WHERE a.attrelid = c.oid AND a.attnum > 0 ORDER BY a.attnum))[1:8]
                                   <> '{name,type,unit,service_name,attributes,time,value,value_int}')) THEN
        RAISE WARNING 'enterprise.metrics exists and is not the view of Otelgres: it was left alone';
        RETURN;
    END IF;
    CREATE OR REPLACE VIEW enterprise.metrics AS
    SELECT s.name, s.type, s.unit, s.service_name, s.attributes, p.time, p.value, p.value_int, p.count, p.sum, p.min,
           p.max, b.bounds, p.bucket_counts, p.scale, p.zero_count, p.zero_threshold, p.positive_offset,
           p.positive_counts, p.negative_offset, p.negative_counts, p.quantiles, p.quantile_values,
           coalesce(p.flags & 1 = 1, false) AS stale, p.start_time, s.temporality, s.monotonic, s.description,
           r.attributes AS resource, c.name AS scope, p.exemplars, p.series_id
    FROM enterprise.metric_points AS p
    JOIN enterprise.metric_series AS s ON s.id = p.series_id
    LEFT JOIN enterprise.metric_bounds AS b ON b.id = p.bounds_id
    LEFT JOIN enterprise.resources AS r ON r.id = s.resource_id
    LEFT JOIN enterprise.scopes AS c ON c.id = s.scope_id;
END $do$;

COMMIT;
