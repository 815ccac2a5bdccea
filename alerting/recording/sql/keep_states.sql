INSERT INTO enterprise.alert_states
    (rule_id, fingerprint, labels, phase, since, evaluated_at, value, memory, told, instance_id)
SELECT $1, s.*
FROM unnest(
    $2::text[], $3::jsonb[], $4::text[], $5::timestamptz[], $6::timestamptz[], $7::float[], $8::jsonb[], $9::jsonb[],
    $10::uuid[]) AS s (fingerprint, labels, phase, since, evaluated_at, value, memory, told, instance_id)
ON CONFLICT (rule_id, fingerprint) DO UPDATE
SET labels = excluded.labels, phase = excluded.phase, since = excluded.since, evaluated_at = excluded.evaluated_at,
    value = excluded.value, memory = excluded.memory, told = excluded.told, instance_id = excluded.instance_id
