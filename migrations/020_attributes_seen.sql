BEGIN;

-- What attributes rows carry, as a job counts them in a sample of what came: keys with the type of their values, and
-- the values seen most, by day, and by service as well as over all of them (service_name '').
-- Signal: logs, spans, or traces for the columns of enterprise.traces. Place: item for the row's own attributes,
-- resource, scope, or column for a column of the row.
CREATE TABLE IF NOT EXISTS enterprise.attribute_keys (
    signal varchar(6) COLLATE "C" NOT NULL CHECK (signal IN ('logs', 'spans', 'traces')),
    service_name varchar(200) COLLATE "C" NOT NULL,
    day timestamptz NOT NULL,
    key varchar(200) COLLATE "C" NOT NULL,
    place varchar(8) COLLATE "C" NOT NULL CHECK (place IN ('item', 'resource', 'scope', 'column')),
    type varchar(7) COLLATE "C" NOT NULL CHECK (type IN ('string', 'number', 'boolean', 'array', 'object', 'null')),
    seen bigint NOT NULL,
    sampled bigint NOT NULL,
    first_seen timestamptz NOT NULL,
    last_seen timestamptz NOT NULL,
    many_values boolean NOT NULL DEFAULT false,
    PRIMARY KEY (signal, service_name, day, key, place, type)
) PARTITION BY RANGE (day);
CREATE TABLE IF NOT EXISTS enterprise.attribute_keys_default PARTITION OF enterprise.attribute_keys DEFAULT;

COMMENT ON COLUMN enterprise.attribute_keys.day IS 'its midnight in UTC';
COMMENT ON COLUMN enterprise.attribute_keys.seen IS 'rows that carry the key, estimated from those sampled';
COMMENT ON COLUMN enterprise.attribute_keys.sampled IS 'rows of the samples that carried the key';
COMMENT ON COLUMN enterprise.attribute_keys.many_values IS 'not all values are kept';

CREATE TABLE IF NOT EXISTS enterprise.attribute_values (
    signal varchar(6) COLLATE "C" NOT NULL,
    service_name varchar(200) COLLATE "C" NOT NULL,
    place varchar(8) COLLATE "C" NOT NULL,
    key varchar(200) COLLATE "C" NOT NULL,
    day timestamptz NOT NULL,
    value varchar(200) COLLATE "C" NOT NULL,
    cut boolean NOT NULL,
    seen bigint NOT NULL,
    sampled bigint NOT NULL,
    last_seen timestamptz NOT NULL,
    added_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (signal, service_name, place, key, day, value, cut)
) PARTITION BY RANGE (day);
CREATE TABLE IF NOT EXISTS enterprise.attribute_values_default PARTITION OF enterprise.attribute_values DEFAULT;

COMMENT ON COLUMN enterprise.attribute_values.cut IS 'value has only the first 200 characters';

-- How far the census has come: by writer, and how large each partition of rows was.
CREATE TABLE IF NOT EXISTS enterprise.attribute_positions (
    writer integer PRIMARY KEY,
    batch bigint NOT NULL
) WITH (fillfactor = 50);
CREATE TABLE IF NOT EXISTS enterprise.attribute_leaves (
    child varchar PRIMARY KEY,
    blocks bigint NOT NULL
) WITH (fillfactor = 50);

COMMIT;
