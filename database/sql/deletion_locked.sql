SELECT id, state, leaf, block, rows_from, rows_to, user_email IS NOT NULL OR session_id IS NOT NULL AS of_person
FROM enterprise.deletions
WHERE id = $1 AND state IN ('counting', 'deleting')
FOR UPDATE
