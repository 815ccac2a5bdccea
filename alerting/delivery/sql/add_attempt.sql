INSERT INTO enterprise.alert_attempts
    (notice_id, attempt, channel, sent_at, duration_ms, success, permanent, error, detail)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
ON CONFLICT (notice_id, attempt) DO UPDATE SET
    sent_at = excluded.sent_at, duration_ms = excluded.duration_ms, success = excluded.success,
    permanent = excluded.permanent, error = excluded.error, detail = excluded.detail
