BEGIN;

-- Seconds in which a counter or histogram grew by what the row says: from the point before, or from the start that the
-- point states. Without it a first point after a gap looks like all that at once. Null where unknown, and in rows that
-- were rolled up before.
ALTER TABLE enterprise.metric_minutes ADD COLUMN IF NOT EXISTS covered float;
ALTER TABLE enterprise.metric_hours ADD COLUMN IF NOT EXISTS covered float;

COMMIT;
