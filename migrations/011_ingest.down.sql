BEGIN;
DROP TABLE IF EXISTS enterprise.ingest_batches;
DROP TABLE IF EXISTS enterprise.writers;
DROP SEQUENCE IF EXISTS enterprise.writer_numbers;
DROP TABLE IF EXISTS enterprise.scopes;
DROP TABLE IF EXISTS enterprise.resources;
COMMIT;
