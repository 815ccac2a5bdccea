INSERT INTO enterprise.leases AS l (name, holder, epoch, expires_at)
VALUES ($1, $2, 1, clock_timestamp() + $3::interval)
ON CONFLICT (name) DO UPDATE SET
    holder = excluded.holder,
    epoch = l.epoch + (l.holder <> excluded.holder)::integer,
    expires_at = clock_timestamp() + $3::interval
WHERE l.holder = excluded.holder OR l.expires_at < clock_timestamp()
RETURNING epoch
