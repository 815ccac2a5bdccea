SELECT state.bytes, state.cap_bytes AS cap, state.over_bytes AS over, run.report ->> 'over_why' AS over_why,
       coalesce(state.late_seconds, 0) AS late
FROM enterprise.retention_state AS state
JOIN enterprise.maintenance_runs AS run ON run.job = 'retention'
WHERE state.bytes IS NOT NULL
