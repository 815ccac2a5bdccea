SELECT EXISTS (SELECT FROM enterprise.alert_rules AS other WHERE other.name = rule.name AND other.id <> rule.id) AS name_taken,
       ARRAY(SELECT jsonb_array_elements_text(
           CASE jsonb_typeof(notification_channels) WHEN 'array' THEN notification_channels ELSE '[]' END)) AS channels
FROM enterprise.alert_rules AS rule
WHERE id = $1
