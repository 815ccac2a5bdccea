INSERT INTO enterprise.alert_instances
    (rule_id, triggered_at, threshold_value, id, fingerprint, labels, metric_value, message, context)
SELECT $1, $2, $3, i.*
FROM unnest($4::uuid[], $5::text[], $6::jsonb[], $7::float[], $8::text[], $9::jsonb[])
    AS i (id, fingerprint, labels, value, message, context)
