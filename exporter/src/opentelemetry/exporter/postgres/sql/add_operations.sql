INSERT INTO enterprise.operations (id, service_name, operation_name, kind)
SELECT * FROM unnest($1::bigint[], $2::text[], $3::text[], $4::smallint[])
ON CONFLICT (id) DO UPDATE SET last_seen = now()
