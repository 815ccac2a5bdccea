INSERT INTO enterprise.deletions (told, user_email, session_id, attribute_key, attribute_value, service_name,
                                  rows_from, rows_to, requested_by)
VALUES ($1, $2, $3, $4, $5, $6, coalesce($7::timestamptz, '-infinity'), coalesce($8::timestamptz, 'infinity'), left($9, 255))
RETURNING id
