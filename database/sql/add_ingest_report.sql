INSERT INTO enterprise.ingest_report AS known (
    minute, signal, transport, service, kind, reason, requests, items, sample, first_seen, last_seen)
SELECT *
FROM unnest(
    $1::timestamptz[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bigint[], $8::bigint[],
    $9::jsonb[], $10::timestamptz[], $11::timestamptz[])
-- In one order in every receiver, so that they cannot deadlock.
ORDER BY 1, 2, 3, 4, 5, 6
ON CONFLICT (minute, signal, transport, service, kind, reason) DO UPDATE
SET requests = known.requests + excluded.requests,
    items = known.items + excluded.items,
    sample = CASE WHEN excluded.last_seen >= known.last_seen THEN excluded.sample ELSE known.sample END,
    first_seen = least(known.first_seen, excluded.first_seen),
    last_seen = greatest(known.last_seen, excluded.last_seen)
