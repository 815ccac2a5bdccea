-- $1 services and days whose keys were counted, $2 how many keys of one are kept. The least seen ones of more go, down
-- to a half, and their values with them.
WITH crowded AS (
    SELECT g.*
    FROM jsonb_array_elements($1::jsonb) AS listed
    CROSS JOIN LATERAL (
        SELECT listed ->> 0 AS signal, listed ->> 1 AS service_name, (listed ->> 2)::timestamptz AS day) AS g
    CROSS JOIN LATERAL (
        SELECT count(*) AS keys FROM enterprise.attribute_keys AS k
        WHERE k.signal = g.signal AND k.service_name = g.service_name AND k.day = g.day) AS held
    WHERE held.keys > $2::bigint
), excess AS (
    SELECT g.*, least_seen.key, least_seen.place, least_seen.type
    FROM crowded AS g
    CROSS JOIN LATERAL (
        SELECT k.key, k.place, k.type FROM enterprise.attribute_keys AS k
        WHERE k.signal = g.signal AND k.service_name = g.service_name AND k.day = g.day
        ORDER BY k.seen DESC, k.last_seen DESC
        OFFSET $2 / 2) AS least_seen
), values_deleted AS (
    DELETE FROM enterprise.attribute_values AS v
    USING excess AS e
    WHERE v.signal = e.signal AND v.service_name = e.service_name AND v.place = e.place AND v.key = e.key
      AND v.day = e.day
), deleted AS (
    DELETE FROM enterprise.attribute_keys AS k
    USING excess AS e
    WHERE k.signal = e.signal AND k.service_name = e.service_name AND k.day = e.day AND k.key = e.key
      AND k.place = e.place AND k.type = e.type
    RETURNING 1
)
SELECT count(*) FROM deleted
