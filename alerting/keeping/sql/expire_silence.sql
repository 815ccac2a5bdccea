-- One that has not begun never does.
UPDATE enterprise.alert_silences AS silence
SET starts_at = least(starts_at, now()), ends_at = now(), version = version + 1, updated_at = now()
WHERE id = $1
RETURNING to_jsonb(silence) || jsonb_build_object('state', 'expired')
