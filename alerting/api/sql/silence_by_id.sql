SELECT to_jsonb(silence) || jsonb_build_object('state', CASE
    WHEN ends_at <= now() THEN 'expired' WHEN starts_at <= now() THEN 'active' ELSE 'pending' END)
FROM enterprise.alert_silences AS silence WHERE id = $1
