BEGIN;
DROP FUNCTION IF EXISTS enterprise.holds_value(jsonb, text);
DROP TABLE IF EXISTS enterprise.deletion_series;
DROP TABLE IF EXISTS enterprise.deletion_traces;
DROP TABLE IF EXISTS enterprise.deletions;
COMMIT;
