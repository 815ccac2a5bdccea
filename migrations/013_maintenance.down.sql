BEGIN;
DROP TABLE IF EXISTS enterprise.maintenance_runs;
DROP TABLE IF EXISTS enterprise.sealed_partitions;
DROP TABLE IF EXISTS enterprise.leases;
COMMIT;
