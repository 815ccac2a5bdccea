INSERT INTO enterprise.scopes (id, name, version, attributes, schema_url, dropped_attributes_count)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::jsonb[], $5::text[], $6::bigint[])
ON CONFLICT (id) DO UPDATE SET last_seen = now()
