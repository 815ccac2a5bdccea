-- A digest may be in several slots, and a later entry may say less; the first is what its sender was told.
SELECT DISTINCT ON (digest) digest, items, rejected, message
FROM enterprise.ingest_batches
WHERE digest = ANY ($1)
ORDER BY digest, received_at, writer, batch, slot
