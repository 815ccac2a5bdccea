BEGIN;

-- A name fit for a btree key, as writers shorten them too: longer ones end in a hash of the whole.
CREATE OR REPLACE FUNCTION enterprise.short_name(name text) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN length(name) > 200 THEN left(name, 180) || '…' || left(md5(name), 16) ELSE name END
$$;

-- Minutes of operations and of services, rolled up by quarters of an hour once the quarter is over. What comes for a
-- quarter later makes it be computed again in the same transaction, so quarters before closed_until are always right.
CREATE TABLE IF NOT EXISTS enterprise.operation_quarters (
    quarter timestamptz NOT NULL,
    operation bigint NOT NULL,
    spans bigint NOT NULL,
    errors bigint NOT NULL,
    duration_ms float NOT NULL,
    buckets smallint[] NOT NULL,
    counts bigint[] NOT NULL,
    p50 smallint NOT NULL,
    p95 smallint NOT NULL,
    p99 smallint NOT NULL,
    last_minute timestamptz NOT NULL,
    PRIMARY KEY (quarter, operation)
) PARTITION BY RANGE (quarter);
CREATE TABLE IF NOT EXISTS enterprise.operation_quarters_default PARTITION OF enterprise.operation_quarters DEFAULT;

CREATE TABLE IF NOT EXISTS enterprise.service_quarters (
    quarter timestamptz NOT NULL,
    service_name varchar NOT NULL,
    entry boolean NOT NULL,
    spans bigint NOT NULL,
    errors bigint NOT NULL,
    duration_ms float NOT NULL,
    buckets smallint[] NOT NULL,
    counts bigint[] NOT NULL,
    p50 smallint NOT NULL,
    p95 smallint NOT NULL,
    p99 smallint NOT NULL,
    last_minute timestamptz NOT NULL,
    PRIMARY KEY (quarter, service_name, entry)
) PARTITION BY RANGE (quarter);
CREATE TABLE IF NOT EXISTS enterprise.service_quarters_default PARTITION OF enterprise.service_quarters DEFAULT;

COMMENT ON COLUMN enterprise.operation_quarters.p50 IS 'the bucket that holds the percentile';
COMMENT ON COLUMN enterprise.service_quarters.p50 IS 'the bucket that holds the percentile';
COMMENT ON COLUMN enterprise.service_quarters.entry IS
    'spans of kind server or consumer, by which others reach the service; false for all its other spans';

-- Which service calls which, or which database, queue or other peer. The id is a hash of all that follows it.
CREATE TABLE IF NOT EXISTS enterprise.edges (
    id bigint PRIMARY KEY,
    kind varchar(20) NOT NULL
        CHECK (kind IN ('client_server', 'producer_consumer', 'database', 'produce', 'consume', 'model', 'outside')),
    source_type varchar(8) NOT NULL,
    source varchar NOT NULL,
    target_type varchar(8) NOT NULL,
    target varchar NOT NULL,
    system varchar,
    first_seen timestamptz NOT NULL DEFAULT now(),
    last_seen timestamptz NOT NULL DEFAULT now()
);

COMMENT ON COLUMN enterprise.edges.system IS 'of the database, the queue or the model''s provider';

CREATE TABLE IF NOT EXISTS enterprise.edge_minutes (
    minute timestamptz NOT NULL,
    edge bigint NOT NULL,
    calls bigint NOT NULL,
    errors bigint NOT NULL,
    duration_ms float NOT NULL,
    buckets smallint[] NOT NULL,
    counts bigint[] NOT NULL,
    PRIMARY KEY (minute, edge)
) PARTITION BY RANGE (minute);
CREATE TABLE IF NOT EXISTS enterprise.edge_minutes_default PARTITION OF enterprise.edge_minutes DEFAULT;

COMMENT ON COLUMN enterprise.edge_minutes.buckets IS
    'twice as wide as those of operations: (1.0816^(bucket-1), 1.0816^bucket] microseconds, any quantile within 4 %';

CREATE TABLE IF NOT EXISTS enterprise.edge_quarters (
    quarter timestamptz NOT NULL,
    edge bigint NOT NULL,
    calls bigint NOT NULL,
    errors bigint NOT NULL,
    duration_ms float NOT NULL,
    buckets smallint[] NOT NULL,
    counts bigint[] NOT NULL,
    last_minute timestamptz NOT NULL,
    PRIMARY KEY (quarter, edge)
) PARTITION BY RANGE (quarter);
CREATE TABLE IF NOT EXISTS enterprise.edge_quarters_default PARTITION OF enterprise.edge_quarters DEFAULT;

-- How far rollups are: quarters before closed_until are there; of the service map, what came until counted_until is
-- counted, and what came until seen_until was looked at for the other end of a call.
CREATE TABLE IF NOT EXISTS enterprise.rollup_progress (
    rollup varchar(20) PRIMARY KEY,
    closed_until timestamptz NOT NULL DEFAULT 'epoch',
    counted_until timestamptz NOT NULL DEFAULT now(),
    seen_until timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);
INSERT INTO enterprise.rollup_progress (rollup) VALUES ('operations'), ('edges') ON CONFLICT DO NOTHING;

-- Of each writer three batches that cut its spans into four: those counted before the last step, those counted in it,
-- those that the next step counts, and those that are not looked at yet. Rows of plain SQL have the writer 0 and the
-- clock for a batch.
CREATE TABLE IF NOT EXISTS enterprise.edge_positions (
    writer integer PRIMARY KEY,
    earlier bigint NOT NULL,
    counted bigint NOT NULL,
    seen bigint NOT NULL
) WITH (fillfactor = 50);

-- The map begins now: what came before is not counted.
INSERT INTO enterprise.edge_positions (writer, earlier, counted, seen)
SELECT writer, batch, batch, batch
FROM (SELECT writer, batch FROM enterprise.writers
      UNION ALL
      SELECT 0, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint) AS w
WHERE NOT EXISTS (SELECT FROM enterprise.edge_positions)
ON CONFLICT DO NOTHING;

-- What a client, producer or consumer says about the other end: type (database, queue, model, outside), the system where
-- the type has one, and a name. No row where it says nothing.
CREATE OR REPLACE FUNCTION enterprise.peer_of(tags jsonb) RETURNS TABLE (type text, system text, name text)
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT p.type, enterprise.short_name(p.system), enterprise.short_name(p.name)
    FROM (
        SELECT CASE WHEN a.database IS NOT NULL THEN 'database' WHEN a.messaging IS NOT NULL THEN 'queue'
                    WHEN a.provider IS NOT NULL THEN 'model' ELSE 'outside' END AS type,
               coalesce(a.database, a.messaging, a.provider) AS system,
               CASE WHEN a.database IS NOT NULL
                    THEN coalesce(a.service, concat_ws('@', coalesce(tags ->> 'db.namespace', tags ->> 'db.name'), a.host))
                    WHEN a.messaging IS NOT NULL THEN
                        CASE WHEN 'true' IN (tags ->> 'messaging.destination.temporary',
                                             tags ->> 'messaging.destination.anonymous') THEN '(temporary)'
                             ELSE coalesce(tags ->> 'messaging.destination.template', tags ->> 'messaging.destination.name',
                                           tags ->> 'messaging.destination', '') END
                    WHEN a.provider IS NOT NULL
                    THEN coalesce(tags ->> 'gen_ai.request.model', tags ->> 'gen_ai.response.model', '')
                    -- Whoever writes a password into an address does not want it on a map.
                    ELSE coalesce(a.service, a.host || coalesce(':' || a.port, ''), tags ->> 'http.host',
                                  substring(coalesce(tags ->> 'url.full', tags ->> 'http.url')
                                            FROM '^[^:/]+://(?:[^/?#]*@)?([^/?#]+)'),
                                  tags ->> 'rpc.service', tags ->> 'network.peer.address', tags ->> 'net.peer.ip') END AS name
        FROM (SELECT coalesce(tags ->> 'db.system.name', tags ->> 'db.system') AS database,
                     tags ->> 'messaging.system' AS messaging,
                     coalesce(tags ->> 'gen_ai.provider.name', tags ->> 'gen_ai.system') AS provider,
                     coalesce(tags ->> 'service.peer.name', tags ->> 'peer.service') AS service,
                     coalesce(tags ->> 'server.address', tags ->> 'net.peer.name') AS host,
                     nullif(nullif(coalesce(tags ->> 'server.port', tags ->> 'net.peer.port'), '80'), '443') AS port
              OFFSET 0) AS a
        OFFSET 0) AS p
    WHERE p.name IS NOT NULL
$$;

-- Links of consumers to spans that have not come yet.
CREATE TABLE IF NOT EXISTS enterprise.waiting_links (
    trace_id varchar(32) NOT NULL,
    span_id varchar(16) NOT NULL,
    consumer_trace_id varchar(32) NOT NULL,
    consumer_span_id varchar(16) NOT NULL,
    service_name varchar NOT NULL,
    start_time timestamptz NOT NULL,
    duration_ms float NOT NULL,
    failed boolean NOT NULL,
    PRIMARY KEY (trace_id, span_id, consumer_trace_id, consumer_span_id)
);
CREATE INDEX IF NOT EXISTS waiting_links_start_time_idx ON enterprise.waiting_links (start_time);

-- What writers have appended and the job has not folded yet, as rows like those of operation_minutes.
DO $do$
BEGIN
    IF EXISTS (
        SELECT FROM pg_class AS c
        WHERE c.oid = to_regclass('enterprise.operation_news')
          AND (c.relkind <> 'v' OR ARRAY(SELECT a.attname::text FROM pg_attribute AS a WHERE a.attrelid = c.oid ORDER BY a.attnum)
                                   <> '{minute,operation,spans,errors,duration_ms,buckets,counts}')) THEN
        RAISE EXCEPTION 'enterprise.operation_news exists and is not the view of Otelgres: rename it';
    END IF;
    CREATE OR REPLACE VIEW enterprise.operation_news AS
    SELECT d.minute, d.operation, d.spans::bigint AS spans, d.errors::bigint AS errors, d.duration_ms,
           o.buckets[d.upto - d.spans + 1 : d.upto] AS buckets, array_fill(1::bigint, ARRAY[d.spans]) AS counts
    FROM enterprise.operation_deltas AS o
    CROSS JOIN LATERAL (
        SELECT e.*, sum(e.spans) OVER (ORDER BY e.place) AS upto
        FROM unnest(o.minutes, o.operations, o.spans, o.errors, o.durations_ms)
             WITH ORDINALITY AS e(minute, operation, spans, errors, duration_ms, place)) AS d;
END $do$;

-- The bucket of a duration, as writers reckon it: (1.04^(bucket-1), 1.04^bucket] microseconds.
CREATE OR REPLACE FUNCTION enterprise.duration_bucket(duration_ms float) RETURNS smallint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN duration_ms > 0.001
                THEN ceil(ln(least(duration_ms, 1e15) * 1000) / ln(1.04::float))::smallint
                ELSE 0::smallint END
$$;

-- The bucket that holds the value of which so great a part (0 to 1) is not greater; null of no values. Buckets MUST rise.
CREATE OR REPLACE FUNCTION enterprise.percentile_bucket(buckets smallint[], counts bigint[], part float) RETURNS smallint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT min(bucket)
    FROM (SELECT bucket, sum(number) OVER (ORDER BY bucket) AS upto, sum(number) OVER () AS total
          FROM unnest(buckets, counts) AS u(bucket, number)) AS ranked
    WHERE upto >= total * part
$$;

-- Writers count the spans they store in operation_deltas. Spans that come by plain SQL are counted here, so that the
-- rollups are as true as the rows. The owner's rights, since whoever may insert a span need not be allowed to write
-- rollups.
CREATE OR REPLACE FUNCTION enterprise.count_new_spans() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    WITH named AS (
        SELECT date_trunc('minute', s.start_time, 'UTC') AS minute, coalesce(s.service_name, '') AS service_name,
               s.operation_name, s.kind, s.status = 'error' AS failed,
               least(greatest(coalesce(s.duration_ms, CASE WHEN isfinite(s.start_time) AND isfinite(s.end_time)
                     THEN extract(epoch FROM s.end_time - s.start_time)::float * 1000 END, 0), 0), 1e15) AS duration_ms
        FROM new_spans AS s
    ), counted AS (
        SELECT minute, service_name, operation_name, kind,
               ('x' || left(md5(service_name || E'\x01' || operation_name || E'\x01' || kind), 16))::bit(64)::bigint AS operation,
               count(*)::integer AS spans, (count(*) FILTER (WHERE failed))::integer AS errors,
               sum(duration_ms) AS duration_ms, array_agg(enterprise.duration_bucket(duration_ms)) AS buckets
        FROM named
        GROUP BY minute, service_name, operation_name, kind
    ), operations AS (
        INSERT INTO enterprise.operations AS o (id, service_name, operation_name, kind)
        SELECT DISTINCT operation, service_name, operation_name, kind FROM counted ORDER BY operation
        ON CONFLICT (id) DO UPDATE SET last_seen = now() WHERE o.last_seen < now() - interval '1 day'
    )
    INSERT INTO enterprise.operation_deltas (writer, batch, minutes, operations, spans, errors, durations_ms, buckets)
    SELECT 0, 0, array_agg(minute), array_agg(operation), array_agg(spans), array_agg(errors), array_agg(duration_ms),
           string_to_array(string_agg(array_to_string(buckets, ','), ','), ',')::smallint[]
    FROM counted
    HAVING count(*) > 0;
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION enterprise.count_new_spans() FROM PUBLIC;

CREATE OR REPLACE TRIGGER trace_spans_counted AFTER INSERT ON enterprise.trace_spans
    REFERENCING NEW TABLE AS new_spans FOR EACH STATEMENT EXECUTE FUNCTION enterprise.count_new_spans();

COMMIT;
