-- Keys of the days given: $1 signals, $2 service ('' for all), $3 midnights, and how the key must begin in each place:
-- $4 item, $5 resource, $6 scope; null where none is wanted. Columns first, all of them, then the most seen; $7 at most.
SELECT signal, place, key, array_agg(type ORDER BY seen DESC, type) AS types, sum(seen)::bigint AS seen,
       sum(sampled)::bigint AS sampled, bool_or(many_values) AS many_values, max(last_seen) AS last_seen
FROM (
    SELECT signal, place, key, type, sum(seen) AS seen, sum(sampled) AS sampled, bool_or(many_values) AS many_values,
           max(last_seen) AS last_seen
    FROM enterprise.attribute_keys
    WHERE signal = ANY ($1::text[]) AND service_name = $2 AND day = ANY ($3::timestamptz[])
      AND (place = 'column' OR starts_with(lower(key), lower(
               CASE place WHEN 'item' THEN $4::text WHEN 'resource' THEN $5::text ELSE $6::text END)))
    GROUP BY signal, place, key, type) AS k
GROUP BY signal, place, key
ORDER BY place = 'column' DESC, seen DESC, key, place
LIMIT $7
