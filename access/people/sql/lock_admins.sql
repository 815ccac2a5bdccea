SELECT email
FROM enterprise.people
WHERE role = 'admin'
ORDER BY email
FOR UPDATE
