SELECT id, id::text AS named, matchers, starts_at, ends_at
FROM enterprise.alert_silences
WHERE ends_at > now()
ORDER BY ends_at, id
