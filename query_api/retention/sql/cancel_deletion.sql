UPDATE enterprise.deletions
SET state = 'cancelled', finished_at = now(), user_email = NULL, session_id = NULL, attribute_value = NULL
WHERE id = $1 AND state IN ('counting', 'counted', 'deleting')
RETURNING id
