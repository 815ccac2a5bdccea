BEGIN;
DROP TABLE IF EXISTS enterprise.transaction_marks;
COMMIT;
