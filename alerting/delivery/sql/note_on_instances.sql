-- Locked by id, as every sender does it, so that two with alerts in common cannot deadlock. Of more than $3 notes the
-- oldest failures go first; alert_attempts has them all.
WITH given AS (
    SELECT instance_id, note FROM unnest($1::uuid[], $2::jsonb[]) AS g (instance_id, note)
), locked AS (
    SELECT i.id, coalesce(i.notifications_sent, '[]') || g.note AS notes
    FROM enterprise.alert_instances AS i JOIN given AS g ON g.instance_id = i.id
    ORDER BY i.id
    FOR NO KEY UPDATE OF i
)
UPDATE enterprise.alert_instances AS i
SET notifications_sent = CASE WHEN jsonb_array_length(locked.notes) <= $3 THEN locked.notes ELSE (
    SELECT jsonb_agg(kept.note ORDER BY kept.place)
    FROM (
        SELECT note, place FROM jsonb_array_elements(locked.notes) WITH ORDINALITY AS n (note, place)
        ORDER BY (note -> 'success')::boolean DESC, place DESC LIMIT $3) AS kept) END
FROM locked
WHERE i.id = locked.id
