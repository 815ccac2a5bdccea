UPDATE enterprise.people SET password_hash = $2
WHERE email = $1
