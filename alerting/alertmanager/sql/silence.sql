SELECT id, matchers, starts_at, ends_at, created_by, reason, updated_at, CASE
    WHEN ends_at <= now() THEN 'expired' WHEN starts_at <= now() THEN 'active' ELSE 'pending' END AS state
FROM enterprise.alert_silences
WHERE id = $1
