SELECT DISTINCT ON (digest) digest, items, rejected, message
FROM enterprise.ingest_batches
WHERE digest = ANY ($1)
ORDER BY digest, received_at
