-- In the order in which they are counted, or one would wait for the other.
WITH found AS (
    SELECT network
    FROM enterprise.sign_in_attempts
    WHERE email = $1
    ORDER BY network DESC
    FOR UPDATE
)
DELETE FROM enterprise.sign_in_attempts
WHERE email = $1 AND network IN (SELECT network FROM found)
