-- Whoever sent it says so even if another has claimed it meanwhile; whether to try again only its owner says.
UPDATE enterprise.alert_notices
SET state = $3, due_at = coalesce($4, due_at), finished_at = $5, last_error = $6, claimed_by = NULL, claimed_until = NULL
WHERE id = $1 AND state = 'sending' AND (attempts = $2 OR $3 = 'sent')
