SELECT jsonb_build_object(
    'channels', (
        SELECT coalesce(jsonb_agg(jsonb_build_object('name', name, 'kind', kind, 'settings', settings, 'secrets', coalesce(
            (SELECT jsonb_agg(key ORDER BY key)
             FROM enterprise.alert_channel_secrets AS kept, jsonb_object_keys(kept.secrets) AS key
             WHERE kept.channel = name), '[]')) ORDER BY name), '[]')
        FROM enterprise.alert_channels),
    'routes', (SELECT coalesce(jsonb_agg(to_jsonb(route) ORDER BY place, name), '[]')
               FROM enterprise.alert_routes AS route),
    'inhibitions', (SELECT coalesce(jsonb_agg(to_jsonb(inhibition) ORDER BY name), '[]')
                    FROM enterprise.alert_inhibitions AS inhibition),
    'silences', (SELECT coalesce(jsonb_agg(to_jsonb(silence) ORDER BY ends_at, id), '[]')
                 FROM enterprise.alert_silences AS silence
                 WHERE ends_at > now()),
    'rules', (SELECT coalesce(jsonb_agg(to_jsonb(rule) ORDER BY name, created_at, id), '[]')
              FROM enterprise.alert_rules AS rule
              WHERE metric_type <> 'alertmanager'))
