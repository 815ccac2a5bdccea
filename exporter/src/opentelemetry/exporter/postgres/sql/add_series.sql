-- A series that is there is touched at most once an hour, unless its description or metadata changed.
INSERT INTO enterprise.metric_series AS s
    (id, service_name, name, type, unit, temporality, monotonic, attributes, description, metadata, resource_id, scope_id)
SELECT * FROM unnest(
    $1::text::bigint[], trim_array(string_to_array($2, E'\x01', E'\x02'), 1),
    trim_array(string_to_array($3, E'\x01', E'\x02'), 1), trim_array(string_to_array($4, E'\x01', E'\x02'), 1),
    trim_array(string_to_array($5, E'\x01', E'\x02'), 1), trim_array(string_to_array($6, E'\x01', E'\x02'), 1),
    $7::text::boolean[], trim_array(string_to_array($8, E'\x01', E'\x02'), 1)::jsonb[],
    trim_array(string_to_array($9, E'\x01', E'\x02'), 1), trim_array(string_to_array($10, E'\x01', E'\x02'), 1)::jsonb[],
    $11::text::bigint[], $12::text::bigint[])
ON CONFLICT (id) DO UPDATE SET
    description = excluded.description, metadata = excluded.metadata, last_seen = now()
WHERE s.last_seen < now() - interval '1 hour'
   OR (s.description, s.metadata) IS DISTINCT FROM (excluded.description, excluded.metadata)
