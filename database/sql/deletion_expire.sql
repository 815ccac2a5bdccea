-- What was counted and not confirmed for a day; what it sought is forgotten.
WITH expired AS (
    UPDATE enterprise.deletions
    SET state = 'cancelled', user_email = NULL, session_id = NULL, attribute_value = NULL
    WHERE state = 'counted' AND finished_at < $1
    RETURNING id
), traces AS (DELETE FROM enterprise.deletion_traces WHERE deletion IN (SELECT id FROM expired))
DELETE FROM enterprise.deletion_series WHERE deletion IN (SELECT id FROM expired)
