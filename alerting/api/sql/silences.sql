SELECT coalesce(jsonb_agg(to_jsonb(listed) ORDER BY ends_at DESC, id), '[]')::text
FROM (
    SELECT * FROM (
        SELECT *, CASE
            WHEN ends_at <= now() THEN 'expired' WHEN starts_at <= now() THEN 'active' ELSE 'pending' END AS state
        FROM enterprise.alert_silences
    ) AS silence
    WHERE $1::text IS NULL OR state = $1
    ORDER BY ends_at DESC, id
    LIMIT $2
) AS listed
