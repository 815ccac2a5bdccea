BEGIN;
DROP TABLE IF EXISTS enterprise.saved_views;
COMMIT;
