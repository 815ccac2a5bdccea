INSERT INTO enterprise.access_audit (actor, action, subject, detail, client_address)
VALUES (left($1, 255), $2, left($3, 255), $4, left($5, 100))
