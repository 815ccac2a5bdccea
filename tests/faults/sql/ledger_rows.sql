-- Digests that the ledger holds.
SELECT count(*) FROM enterprise.ingest_batches
