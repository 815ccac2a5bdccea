-- $1 groups of values as they were counted, $2 how many values of one are kept. The least seen ones of a larger group
-- go, down to a half, so that new ones have room.
WITH crowded AS (
    SELECT g.*
    FROM jsonb_array_elements($1::jsonb) AS listed
    CROSS JOIN LATERAL (
        SELECT listed ->> 0 AS signal, listed ->> 1 AS service_name, listed ->> 2 AS place, listed ->> 3 AS key,
               (listed ->> 4)::timestamptz AS day) AS g
    CROSS JOIN LATERAL (
        SELECT count(*) AS values FROM enterprise.attribute_values AS v
        WHERE v.signal = g.signal AND v.service_name = g.service_name AND v.place = g.place AND v.key = g.key
          AND v.day = g.day) AS held
    WHERE held.values > $2::bigint
), marked AS (
    UPDATE enterprise.attribute_keys AS k SET many_values = true
    FROM crowded AS g
    WHERE k.signal = g.signal AND k.service_name = g.service_name AND k.day = g.day AND k.key = g.key
      AND k.place = g.place AND NOT k.many_values
), deleted AS (
    DELETE FROM enterprise.attribute_values AS v
    USING (
        SELECT g.*, least_seen.value, least_seen.cut
        FROM crowded AS g
        CROSS JOIN LATERAL (
            SELECT o.value, o.cut FROM enterprise.attribute_values AS o
            WHERE o.signal = g.signal AND o.service_name = g.service_name AND o.place = g.place AND o.key = g.key
              AND o.day = g.day
            ORDER BY o.seen DESC, o.last_seen DESC
            OFFSET $2 / 2) AS least_seen) AS d
    WHERE v.signal = d.signal AND v.service_name = d.service_name AND v.place = d.place AND v.key = d.key
      AND v.day = d.day AND v.value = d.value AND v.cut = d.cut
    RETURNING 1
)
SELECT count(*) FROM deleted
