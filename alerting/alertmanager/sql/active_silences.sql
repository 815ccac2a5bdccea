SELECT id, matchers FROM enterprise.alert_silences WHERE starts_at <= $1 AND ends_at > $1 ORDER BY ends_at, id LIMIT 10000
