-- Whether a key of those given (as in values_seen) has more values than are kept.
SELECT coalesce(bool_or(k.many_values), false)
FROM unnest($1::text[], $2::text[], $3::text[]) AS wanted(signal, place, key)
JOIN enterprise.attribute_keys AS k ON k.signal = wanted.signal AND k.place = wanted.place AND k.key = wanted.key
WHERE k.service_name = $4 AND k.day = ANY ($5::timestamptz[])
