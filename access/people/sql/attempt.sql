-- Counted before it is known what comes of it: of guesses that come at once none is free.
INSERT INTO enterprise.sign_in_attempts AS a (email, network, attempts, last_at, blocked_until)
VALUES ($1, $2, 1, now(), now())
ON CONFLICT (email, network) DO UPDATE SET
    attempts = CASE WHEN a.last_at < now() - $5::interval THEN 1 ELSE a.attempts + 1 END,
    last_at = now(),
    blocked_until = now() + CASE
        WHEN a.last_at < now() - $5::interval OR a.attempts < $3 THEN interval '0'
        ELSE least($4::interval, interval '1 second' * 2 ^ least(a.attempts - $3, 20))
    END
WHERE a.blocked_until <= now()
RETURNING attempts
