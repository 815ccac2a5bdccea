SELECT id, matchers, starts_at, ends_at, created_by, reason, updated_at, state
FROM (
    SELECT *, CASE
        WHEN ends_at <= now() THEN 'expired' WHEN starts_at <= now() THEN 'active' ELSE 'pending' END AS state
    FROM enterprise.alert_silences
    WHERE ends_at > $1 AND ($2::text[] IS NULL OR created_by = ANY ($2))
) AS silence
ORDER BY array_position(ARRAY['active', 'pending', 'expired'], state),
         CASE state WHEN 'active' THEN ends_at WHEN 'pending' THEN starts_at END, ends_at DESC, id
LIMIT 10000
