SELECT name FROM (
    SELECT unnest(ARRAY['slack', 'email']) AS name
    UNION
    SELECT name FROM enterprise.alert_channels
    UNION
    SELECT unnest(channels || escalate_to) FROM enterprise.alert_routes
    UNION
    SELECT jsonb_array_elements_text(notification_channels) FROM enterprise.alert_rules
    WHERE jsonb_typeof(notification_channels) = 'array'
) AS named
ORDER BY name
LIMIT 10000
