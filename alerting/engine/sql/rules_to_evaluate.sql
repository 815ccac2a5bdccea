SELECT id, version, coalesce(evaluation_interval_seconds, 60) AS interval_seconds,
    -- What was changed since has no turn that it missed.
    CASE WHEN last_evaluated_at >= coalesce(updated_at, '-infinity') THEN last_evaluated_at END AS last_evaluated_at,
    last_duration_ms
FROM enterprise.alert_rules
WHERE enabled
