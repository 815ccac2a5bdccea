BEGIN;
DROP TABLE IF EXISTS enterprise.log_minutes;
DROP TABLE IF EXISTS enterprise.log_deltas;
DROP TABLE IF EXISTS enterprise.operation_minutes;
DROP TABLE IF EXISTS enterprise.operation_deltas;
DROP TABLE IF EXISTS enterprise.operations;
COMMIT;
