INSERT INTO enterprise.resources
    (id, service_name, attributes, schema_url, dropped_attributes_count, entity_refs)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::jsonb[], $4::text[], $5::bigint[], $6::jsonb[])
ON CONFLICT (id) DO UPDATE SET last_seen = now()
