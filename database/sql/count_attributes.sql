-- Counts keys and values of rows that came in the batches given: $1 writers, each with its batches beyond $2 up to $3.
-- $4 signal, $5 names of the rows' `columns`, $6 the least time kept, $7 now, $8 how many rows are read, $9 of how many
-- bytes of attributes at most, $10 how many values of a key are kept. Returns the groups that may have grown too large.
WITH given AS (
    SELECT * FROM unnest($1::integer[], $2::bigint[], $3::bigint[]) AS g(writer, after, upto)
), arrived AS MATERIALIZED (
    SELECT r.*, coalesce(left(r.service_name, 200), '') AS service, random() AS lot
    FROM ({rows}) AS r
    JOIN given AS g ON r.writer = g.writer AND r.batch > g.after AND r.batch <= g.upto
    WHERE r.time >= $6
), total AS MATERIALIZED (
    SELECT count(*) AS rows, count(DISTINCT service) AS services, sum(pg_column_size(attributes)) AS bytes FROM arrived
), taken AS MATERIALIZED (
    -- One half of what is read is shared evenly among the services, so that a quiet one is heard beside a noisy one;
    -- the other half goes by the number of rows.
    SELECT s.service, s.attributes, s.resource_id, s.scope_id, s.root_of, s.columns, s.weight / s.share AS rows,
           least(date_trunc('day', s.time, 'UTC'), date_trunc('day', $7::timestamptz, 'UTC')) AS day,
           least(s.time, $7) AS at
    FROM (SELECT a.*, CASE WHEN total.rows <= $8::bigint THEN 1.0
                           ELSE least(1.0, $8 / 2.0 / total.services / count(*) OVER (PARTITION BY a.service)
                                           + $8 / 2.0 / total.rows) END
                      * least(1.0, $9::bigint / greatest(total.bytes, 1)::numeric) AS share
          FROM arrived AS a
          CROSS JOIN total) AS s
    WHERE s.lot < s.share
), resources AS MATERIALIZED (
    SELECT service, day, resource_id AS id, sum(rows) AS rows, count(*) AS sampled, min(at) AS first, max(at) AS last
    FROM taken WHERE resource_id IS NOT NULL GROUP BY service, day, resource_id
), scopes AS MATERIALIZED (
    SELECT service, day, scope_id AS id, sum(rows) AS rows, count(*) AS sampled, min(at) AS first, max(at) AS last
    FROM taken WHERE scope_id IS NOT NULL GROUP BY service, day, scope_id
), fields AS (
    SELECT $4::text AS signal, t.service, t.day, 'item' AS place, a.key, jsonb_typeof(a.value) AS type, a.value,
           NULL::text AS text, t.rows, 1 AS sampled, t.at AS first, t.at AS last
    FROM taken AS t
    CROSS JOIN LATERAL jsonb_each(CASE jsonb_typeof(t.attributes) WHEN 'object' THEN t.attributes END) AS a
    UNION ALL
    SELECT $4, t.service, t.day, 'column', c.key, 'string', NULL, c.text, t.rows, 1, t.at, t.at
    FROM taken AS t
    CROSS JOIN LATERAL unnest($5::text[], t.columns) AS c(key, text)
    WHERE c.text IS NOT NULL
    UNION ALL
    SELECT 'traces', t.service, t.day, 'column', c.key, 'string', NULL, c.text, t.rows, 1, t.at, t.at
    FROM taken AS t
    JOIN enterprise.traces AS trace ON trace.trace_id = t.root_of
    CROSS JOIN LATERAL (VALUES
        ('operation_name', trace.operation_name), ('service_name', trace.service_name), ('status', trace.status),
        ('error_message', trace.error_message), ('entry_point', trace.entry_point), ('endpoint', trace.endpoint),
        ('method', trace.method), ('user_email', trace.user_email), ('department', trace.department),
        ('session_id', trace.session_id)) AS c(key, text)
    WHERE c.text IS NOT NULL
    UNION ALL
    SELECT $4, r.service, r.day, 'resource', a.key, jsonb_typeof(a.value), a.value, NULL, r.rows, r.sampled, r.first,
           r.last
    FROM resources AS r
    JOIN enterprise.resources AS resource ON resource.id = r.id
    CROSS JOIN LATERAL jsonb_each(resource.attributes) AS a
    UNION ALL
    SELECT $4, s.service, s.day, 'scope', a.key, jsonb_typeof(a.value), a.value, NULL, s.rows, s.sampled, s.first,
           s.last
    FROM scopes AS s
    JOIN enterprise.scopes AS scope ON scope.id = s.id
    CROSS JOIN LATERAL (
        SELECT * FROM jsonb_each(scope.attributes)
        UNION ALL
        VALUES ('name', to_jsonb(scope.name)), ('version', to_jsonb(scope.version))) AS a
), by_service AS MATERIALIZED (
    SELECT signal, service, day, place, key, type, left(whole, 200) AS value, length(whole) > 200 AS cut,
           sum(rows) AS seen, sum(sampled) AS sampled, min(first) AS first, max(last) AS last
    FROM fields
    CROSS JOIN LATERAL (
        SELECT coalesce(text, CASE WHEN type IN ('string', 'number', 'boolean') THEN value #>> '{{}}' END) AS whole) AS w
    WHERE length(key) <= 200
    GROUP BY signal, service, day, place, key, type, left(whole, 200), length(whole) > 200
), counted AS MATERIALIZED (
    SELECT * FROM by_service WHERE service <> ''
    UNION ALL
    SELECT signal, '', day, place, key, type, value, cut, sum(seen), sum(sampled), min(first), max(last)
    FROM by_service
    GROUP BY signal, day, place, key, type, value, cut
), keys AS (
    INSERT INTO enterprise.attribute_keys AS k
        (signal, service_name, day, key, place, type, seen, sampled, first_seen, last_seen, many_values)
    SELECT signal, service, day, key, place, type, round(sum(seen)), sum(sampled), min(first), max(last),
           count(value) > $10::bigint
    FROM counted
    GROUP BY signal, service, day, key, place, type
    ON CONFLICT (signal, service_name, day, key, place, type) DO UPDATE SET
        seen = k.seen + excluded.seen, sampled = k.sampled + excluded.sampled,
        first_seen = least(k.first_seen, excluded.first_seen), last_seen = greatest(k.last_seen, excluded.last_seen),
        many_values = k.many_values OR excluded.many_values
    RETURNING signal, service_name, day
), marked AS MATERIALIZED (
    SELECT DISTINCT signal, service_name AS service, place, key, day FROM enterprise.attribute_keys
    WHERE many_values AND day = ANY (ARRAY(SELECT DISTINCT day FROM counted))
), kept AS (
    -- Where there are more values than are kept, one that came once among many rows is most likely an id.
    INSERT INTO enterprise.attribute_values AS v
        (signal, service_name, place, key, day, value, cut, seen, sampled, last_seen)
    SELECT signal, service, place, key, day, value, cut, round(seen), sampled, last
    FROM (SELECT signal, service, place, key, day, value, cut, sum(seen) AS seen, sum(sampled) AS sampled,
                 max(last) AS last, count(*) OVER (PARTITION BY signal, service, place, key, day) AS different
          FROM counted
          WHERE value IS NOT NULL
          GROUP BY signal, service, place, key, day, value, cut) AS c
    LEFT JOIN (SELECT *, true AS many FROM marked) AS m USING (signal, service, place, key, day)
    WHERE sampled > 1 OR different <= $10 AND (m.many IS NULL OR seen = sampled)
    ON CONFLICT (signal, service_name, place, key, day, value, cut) DO UPDATE SET
        seen = v.seen + excluded.seen, sampled = v.sampled + excluded.sampled,
        last_seen = greatest(v.last_seen, excluded.last_seen)
    RETURNING signal, service_name, place, key, day, added_at = now() AS added
), grown AS (
    SELECT DISTINCT signal, service_name, place, key, day FROM kept WHERE added
)
SELECT (SELECT coalesce(sum(weight), 0) FROM arrived) AS arrived,
       (SELECT count(*) FROM taken) AS read,
       (SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_array(signal, service_name, day)), '[]') FROM keys) AS days,
       (SELECT coalesce(jsonb_agg(jsonb_build_array(signal, service_name, place, key, day)), '[]') FROM grown) AS grown
