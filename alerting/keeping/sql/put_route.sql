INSERT INTO enterprise.alert_routes AS kept
    (name, place, matchers, channels, group_by, group_wait_seconds, group_interval_seconds, reminder_minutes,
     escalate_after_minutes, escalate_to, goes_on, provisioned_from)
SELECT name,
       coalesce(place,
                (SELECT before.place FROM enterprise.alert_routes AS before WHERE before.name = given.name),
                (SELECT max(last.place) + 1 FROM enterprise.alert_routes AS last),
                1),
       matchers, channels, group_by, group_wait_seconds, group_interval_seconds, reminder_minutes,
       escalate_after_minutes, escalate_to, goes_on, provisioned_from
FROM jsonb_populate_record(NULL::enterprise.alert_routes, $1::jsonb) AS given
ON CONFLICT (name) DO UPDATE SET
    place = excluded.place, matchers = excluded.matchers, channels = excluded.channels, group_by = excluded.group_by,
    group_wait_seconds = excluded.group_wait_seconds, group_interval_seconds = excluded.group_interval_seconds,
    reminder_minutes = excluded.reminder_minutes, escalate_after_minutes = excluded.escalate_after_minutes,
    escalate_to = excluded.escalate_to, goes_on = excluded.goes_on, provisioned_from = excluded.provisioned_from,
    version = kept.version + 1, updated_at = now()
WHERE (kept.place, kept.matchers, kept.channels, kept.group_by, kept.group_wait_seconds, kept.group_interval_seconds,
       kept.reminder_minutes, kept.escalate_after_minutes, kept.escalate_to, kept.goes_on, kept.provisioned_from)
    IS DISTINCT FROM
      (excluded.place, excluded.matchers, excluded.channels, excluded.group_by, excluded.group_wait_seconds,
       excluded.group_interval_seconds, excluded.reminder_minutes, excluded.escalate_after_minutes,
       excluded.escalate_to, excluded.goes_on, excluded.provisioned_from)
RETURNING to_jsonb(kept)
