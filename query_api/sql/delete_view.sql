DELETE FROM enterprise.saved_views WHERE id = $1 AND owner = $2 RETURNING id
