SELECT name, name AS named, matchers, channels, group_by, group_wait_seconds, group_interval_seconds, reminder_minutes,
    escalate_after_minutes, escalate_to, goes_on
FROM enterprise.alert_routes
ORDER BY place, name
