INSERT INTO enterprise.alert_history
    (at, rule_id, rule_name, threshold, event, fingerprint, labels, instance_id, value, detail, actor)
SELECT $1, $2, $3, $4, h.event, h.fingerprint, h.labels, h.instance_id, h.value, h.detail, h.actor
FROM unnest($5::text[], $6::text[], $7::jsonb[], $8::uuid[], $9::float[], $10::jsonb[], $11::text[])
    WITH ORDINALITY AS h (event, fingerprint, labels, instance_id, value, detail, actor, place)
ORDER BY h.place
