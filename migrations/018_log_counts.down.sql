BEGIN;
DROP FUNCTION IF EXISTS enterprise.count_new_logs() CASCADE;
COMMIT;
