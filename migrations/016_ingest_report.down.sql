BEGIN;
DROP TABLE IF EXISTS enterprise.ingest_report;
COMMIT;
