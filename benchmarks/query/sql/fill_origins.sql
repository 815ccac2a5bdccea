-- The writer is known as one whose rows the census of attributes has seen, so that it does not run beside the questions.
WITH scope AS (
    INSERT INTO enterprise.scopes (id, name, version, attributes) VALUES (1, 'benchmarks.query', '1.0.0', '{}')
    ON CONFLICT DO NOTHING
), writer AS (
    INSERT INTO enterprise.writers (writer, batch) VALUES (1000000, extract(epoch FROM $2::timestamptz)::bigint + 1)
    ON CONFLICT DO NOTHING
), census AS (
    INSERT INTO enterprise.attribute_positions (writer, batch)
    VALUES (1000000, extract(epoch FROM $2::timestamptz)::bigint + 1)
    ON CONFLICT DO NOTHING
)
INSERT INTO enterprise.resources (id, service_name, attributes)
SELECT number, name, jsonb_build_object('service.name', name, 'service.instance.id', name || '-0',
                                        'deployment.environment.name', 'production')
FROM unnest($1::text[]) WITH ORDINALITY AS service(name, number)
ON CONFLICT DO NOTHING
