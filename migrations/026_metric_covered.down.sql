BEGIN;
ALTER TABLE IF EXISTS enterprise.metric_hours DROP COLUMN IF EXISTS covered;
ALTER TABLE IF EXISTS enterprise.metric_minutes DROP COLUMN IF EXISTS covered;
COMMIT;
