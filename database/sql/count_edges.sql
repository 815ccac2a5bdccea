-- Counts the calls that came with the spans of one step, and the clients whose server did not come.
-- $1 writers, with three batches each that cut their spans: $2 earlier, $3 counted, $4 seen; and $5, what is looked at.
-- By these a span has an age: 0 counted before the last step, 1 counted in it, 2 counted now, 3 of the next step.
-- A call, a span with its parent or link, counts once its younger end has age 2. A client (or what it says about its
-- server) counts when it has age 2 and no partner of any age; a partner of age 2 of a client of age 0 is the first one
-- that it gets, for any before would have been seen when the client was counted: then it is uncounted. Of a client of
-- age 1 that partner had been seen.
-- A server with the tag zipkin.shared has the id of its client, and that one for its parent.
-- $6 is the least time: older minutes may be gone. $7 and $8 are the least of $3 and the greatest of $4: constants let
-- the planner find the BRIN index. $9: traces of more spans are left out. $10: the end of the quarters rolled up.
WITH given AS MATERIALIZED (
    SELECT * FROM unnest($1::integer[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[])
         AS g(writer, earlier, counted, seen, upto)
), begun_since AS MATERIALIZED (
    SELECT writer FROM enterprise.writers WHERE writer NOT IN (SELECT writer FROM given)
), arrived AS MATERIALIZED (
    SELECT s.trace_id, count(*) AS spans, bool_or(s.kind BETWEEN 2 AND 5) AS calls
    FROM enterprise.trace_spans AS s
    JOIN given AS g ON g.writer = s.writer AND s.batch > g.counted AND s.batch <= g.seen
    WHERE s.batch > $7 AND s.batch <= $8 AND s.start_time >= $6
    GROUP BY s.trace_id
), touched AS MATERIALIZED (
    -- A lateral query with an OFFSET is run for each row, by the index: nothing else is cheaper here.
    SELECT a.trace_id, t.earliest, t.latest
    FROM arrived AS a
    CROSS JOIN LATERAL (
        SELECT start_time AS earliest, coalesce(latest_start, start_time) AS latest, services, span_count
        FROM enterprise.traces WHERE trace_id = a.trace_id
        OFFSET 0) AS t
    WHERE (a.calls OR cardinality(t.services) > 1) AND t.span_count <= $9
), spans AS MATERIALIZED (
    -- A span that came twice is one, as old as its older row.
    SELECT DISTINCT ON (t.trace_id, s.span_id, s.service_name, s.kind)
           t.trace_id, s.span_id, s.service_name, s.kind,
           CASE WHEN s.shared THEN s.span_id ELSE nullif(s.parent_span_id, s.span_id) END AS parent_span_id, s.shared, s.start_time,
           greatest(s.duration_ms, 0) AS duration_ms, s.failed, s.links, a.age, s.tags, s.operation
    FROM touched AS t
    CROSS JOIN LATERAL (
        SELECT writer, batch, span_id, parent_span_id, enterprise.short_name(service_name) AS service_name, kind, start_time,
               coalesce(duration_ms, 0) AS duration_ms, coalesce(status = 'error', false) AS failed,
               CASE WHEN kind = 5 AND jsonb_typeof(links) = 'array' THEN links END AS links,
               CASE WHEN kind IN (3, 4, 5) THEN tags END AS tags,
               coalesce(kind = 2 AND tags ? 'zipkin.shared', false) AS shared,
               CASE WHEN kind IN (3, 4)
                    THEN coalesce(tags ->> 'messaging.operation.type', tags ->> 'messaging.operation') END AS operation
        FROM enterprise.trace_spans
        WHERE trace_id = t.trace_id AND start_time BETWEEN t.earliest AND t.latest AND service_name IS NOT NULL
        OFFSET 0) AS s
    LEFT JOIN given AS g ON g.writer = s.writer
    CROSS JOIN LATERAL (
        SELECT CASE WHEN g.writer IS NULL OR s.batch <= g.earlier THEN 0 WHEN s.batch <= g.counted THEN 1
                    WHEN s.batch <= g.seen THEN 2 WHEN s.batch <= g.upto THEN 3 END AS age) AS a
    WHERE a.age IS NOT NULL AND s.writer NOT IN (SELECT writer FROM begun_since)
    ORDER BY t.trace_id, s.span_id, s.service_name, s.kind, a.age, s.batch
), pairs AS MATERIALIZED (
    SELECT c.trace_id, c.start_time, c.duration_ms, c.failed OR p.failed AND p.kind = 3 AS failed,
           p.span_id AS caller_id, p.service_name AS caller, p.kind AS caller_kind, p.age AS caller_age,
           c.span_id AS callee_id, c.service_name AS callee, c.kind AS callee_kind, c.age AS callee_age,
           c.kind IN (2, 5) AND p.kind IN (3, 4) OR c.service_name <> p.service_name AS call,
           CASE WHEN c.kind = 3 AND p.kind = 3 AND c.service_name = p.service_name THEN p.tags END AS outer_tags
    FROM spans AS c
    JOIN spans AS p ON p.trace_id = c.trace_id AND p.span_id = c.parent_span_id AND (p.kind = 3 OR NOT c.shared)
    LEFT JOIN spans AS own ON own.shared AND own.trace_id = c.trace_id AND own.span_id = c.parent_span_id
                          AND own.service_name = c.service_name
    WHERE (c.kind IN (2, 5) AND p.kind IN (3, 4) OR c.service_name <> p.service_name
           OR c.kind = 3 AND p.kind = 3)
      -- What is below a server that shares its client's id is below the server.
      AND (c.shared OR c.service_name = p.service_name OR own.span_id IS NULL)
), partners AS (
    -- Of a client: what it called, or the client within which it is but the transport.
    SELECT trace_id, span_id, service_name, min(age) AS age
    FROM (SELECT trace_id, caller_id, caller, callee_age FROM pairs WHERE call AND caller_kind = 3
          UNION ALL
          SELECT trace_id, callee_id, callee, caller_age FROM pairs
          WHERE NOT call AND EXISTS (SELECT FROM enterprise.peer_of(outer_tags))) AS p(trace_id, span_id, service_name, age)
    GROUP BY trace_id, span_id, service_name
), linked AS MATERIALIZED (
    SELECT DISTINCT k.trace_id, k.span_id, k.service_name, k.start_time, k.duration_ms, k.failed,
           left(l.link ->> 'trace_id', 32) AS to_trace, left(l.link ->> 'span_id', 16) AS to_span
    FROM spans AS k
    CROSS JOIN LATERAL jsonb_array_elements(k.links) AS l(link)
    WHERE k.age = 2 AND l.link ->> 'trace_id' <> '' AND l.link ->> 'span_id' <> ''
      AND (l.link ->> 'trace_id' <> k.trace_id OR l.link ->> 'span_id' IS DISTINCT FROM k.parent_span_id)
), met AS (
    SELECT l.*, p.service_name AS producer, p.kind AS producer_kind
    FROM linked AS l
    LEFT JOIN LATERAL (
        SELECT start_time AS earliest, coalesce(latest_start, start_time) AS latest
        FROM enterprise.traces WHERE trace_id = l.to_trace
        OFFSET 0) AS t ON true
    LEFT JOIN LATERAL (
        SELECT s.service_name, s.kind
        FROM enterprise.trace_spans AS s
        LEFT JOIN given AS g ON g.writer = s.writer
        WHERE s.trace_id = l.to_trace AND s.start_time BETWEEN t.earliest AND t.latest AND s.span_id = l.to_span
          AND (g.writer IS NULL OR s.batch <= g.upto) AND s.writer NOT IN (SELECT writer FROM begun_since)
        ORDER BY s.kind IN (3, 4) DESC, s.batch
        LIMIT 1) AS p ON true
), put_by AS (
    INSERT INTO enterprise.waiting_links
        (trace_id, span_id, consumer_trace_id, consumer_span_id, service_name, start_time, duration_ms, failed)
    SELECT to_trace, to_span, trace_id, span_id, service_name, start_time, duration_ms, failed FROM met
    WHERE producer_kind IS NULL AND start_time >= $6
    ON CONFLICT DO NOTHING
), awaited AS (
    DELETE FROM enterprise.waiting_links AS w
    USING spans AS p
    WHERE p.trace_id = w.trace_id AND p.span_id = w.span_id AND p.age = 2 AND p.kind IN (3, 4)
    RETURNING w.start_time, w.duration_ms, w.failed, p.service_name AS producer, w.service_name
), calls AS (
    SELECT 1 AS n, start_time, duration_ms, failed,
           CASE WHEN callee_kind = 5 OR caller_kind = 4 THEN 'producer_consumer' ELSE 'client_server' END AS kind,
           'service' AS source_type, caller AS source, 'service' AS target_type, callee AS target, NULL AS system
    FROM pairs
    WHERE call AND greatest(caller_age, callee_age) = 2
    UNION ALL
    SELECT 1, start_time, duration_ms, failed, 'producer_consumer', 'service', enterprise.short_name(producer), 'service',
           service_name, NULL
    FROM met
    WHERE producer_kind IN (3, 4) AND producer IS NOT NULL
    UNION ALL
    SELECT 1, start_time, duration_ms, failed, 'producer_consumer', 'service', producer, 'service', service_name, NULL
    FROM awaited
    UNION ALL
    SELECT CASE WHEN s.age = 2 THEN 1 ELSE -1 END, s.start_time, s.duration_ms, s.failed, e.type, 'service',
           s.service_name, e.type, e.name, e.system
    FROM spans AS s
    LEFT JOIN partners AS p USING (trace_id, span_id, service_name)
    CROSS JOIN LATERAL enterprise.peer_of(s.tags) AS e
    WHERE s.kind = 3 AND e.type <> 'queue' AND (s.age = 2 AND p.age IS NULL OR s.age = 0 AND p.age = 2)
    UNION ALL
    SELECT 1, s.start_time, s.duration_ms, s.failed, 'produce', 'service', s.service_name, 'queue', e.name, e.system
    FROM spans AS s
    CROSS JOIN LATERAL enterprise.peer_of(s.tags) AS e
    WHERE s.age = 2 AND e.type = 'queue'
      AND (s.kind = 4 AND s.operation IS DISTINCT FROM 'create' OR s.kind = 3 AND s.operation IN ('publish', 'send'))
    UNION ALL
    SELECT 1, s.start_time, s.duration_ms, s.failed, 'consume', 'queue', e.name, 'service', s.service_name, e.system
    FROM spans AS s
    CROSS JOIN LATERAL enterprise.peer_of(s.tags) AS e
    WHERE s.age = 2 AND e.type = 'queue' AND s.kind = 5
), by_bucket AS MATERIALIZED (
    SELECT date_trunc('minute', start_time, 'UTC') AS minute, kind, source_type, source, target_type, target, system,
           ((enterprise.duration_bucket(duration_ms) + 1) / 2)::smallint AS bucket, sum(n) AS calls, coalesce(sum(n) FILTER (WHERE failed), 0) AS errors,
           sum(n * duration_ms) AS duration_ms
    FROM calls
    WHERE start_time >= $6 AND start_time < 'infinity'
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
), keyed AS MATERIALIZED (
    SELECT ('x' || left(md5(concat_ws(E'\x01', kind, source_type, source, target_type, target, coalesce(system, ''))), 16))
               ::bit(64)::bigint AS edge, by_bucket.*
    FROM by_bucket
), known AS (
    INSERT INTO enterprise.edges AS e (id, kind, source_type, source, target_type, target, system)
    SELECT DISTINCT edge, kind, source_type, source, target_type, target, system FROM keyed ORDER BY edge
    ON CONFLICT (id) DO UPDATE SET last_seen = now() WHERE e.last_seen < now() - interval '1 day'
), counted AS (
    INSERT INTO enterprise.edge_minutes AS m (minute, edge, calls, errors, duration_ms, buckets, counts)
    SELECT minute, edge, sum(calls), sum(errors), sum(duration_ms),
           coalesce(array_agg(bucket ORDER BY bucket) FILTER (WHERE calls <> 0), '{}'),
           coalesce(array_agg(calls ORDER BY bucket) FILTER (WHERE calls <> 0), '{}')
    FROM keyed
    GROUP BY minute, edge
    ORDER BY minute, edge
    ON CONFLICT (minute, edge) DO UPDATE SET
        calls = m.calls + excluded.calls,
        errors = m.errors + excluded.errors,
        duration_ms = m.duration_ms + excluded.duration_ms,
        (buckets, counts) = (
            SELECT coalesce(array_agg(s.bucket ORDER BY s.bucket), '{}'),
                   coalesce(array_agg(s.calls ORDER BY s.bucket), '{}')
            FROM (SELECT b.bucket, sum(b.calls)::bigint AS calls
                  FROM unnest(m.buckets || excluded.buckets, m.counts || excluded.counts) AS b(bucket, calls)
                  GROUP BY b.bucket
                  HAVING sum(b.calls) <> 0) AS s)
), changed AS (
    SELECT DISTINCT date_bin('15 minutes', minute, 'epoch') AS quarter, edge FROM keyed WHERE minute < $10
)
SELECT (SELECT coalesce(sum(spans), 0) FROM arrived)::bigint AS spans,
       (SELECT coalesce(sum(calls), 0) FROM keyed)::bigint AS calls,
       (SELECT coalesce(array_agg(quarter ORDER BY quarter, edge), '{}') FROM changed) AS quarters,
       (SELECT coalesce(array_agg(edge ORDER BY quarter, edge), '{}') FROM changed) AS edges
