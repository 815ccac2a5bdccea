SELECT to_jsonb(channel) || jsonb_build_object('secrets', coalesce(
    (SELECT jsonb_object_agg(name, 'set')
     FROM enterprise.alert_channel_secrets AS kept, jsonb_object_keys(kept.secrets) AS name
     WHERE kept.channel = channel.name), '{}'))
FROM enterprise.alert_channels AS channel WHERE name = $1
