-- Values of the keys given (parallel: $1 signals, $2 places, $3 keys) in the days of $5 (midnights), $4 service ('' for
-- all), that begin with $6 in any case. The most seen $7.
SELECT v.value, v.cut, sum(v.seen)::bigint AS seen, sum(v.sampled)::bigint AS sampled, max(v.last_seen) AS last_seen
FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted(signal, place, key)
JOIN enterprise.attribute_values AS v
    ON v.signal = wanted.signal AND v.place = wanted.place AND v.key = wanted.key
WHERE v.service_name = $4 AND v.day = ANY ($5::timestamptz[]) AND starts_with(lower(v.value), lower($6::text))
GROUP BY v.value, v.cut
ORDER BY seen DESC, v.value, v.cut
LIMIT $7
