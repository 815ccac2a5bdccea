-- A series that is there is touched at most once an hour, unless its description or metadata changed.
INSERT INTO enterprise.metric_series AS s
    (id, service_name, name, type, unit, temporality, monotonic, attributes, description, metadata, resource_id, scope_id)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::boolean[],
                     $8::jsonb[], $9::text[], $10::jsonb[], $11::bigint[], $12::bigint[])
ON CONFLICT (id) DO UPDATE SET
    description = excluded.description, metadata = excluded.metadata, last_seen = now()
WHERE s.last_seen < now() - interval '1 hour'
   OR (s.description, s.metadata) IS DISTINCT FROM (excluded.description, excluded.metadata)
