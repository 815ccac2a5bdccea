SELECT name, matchers, channels, group_by, group_wait_seconds, group_interval_seconds, reminder_minutes, goes_on
FROM enterprise.alert_routes
ORDER BY place, name
LIMIT 1000
