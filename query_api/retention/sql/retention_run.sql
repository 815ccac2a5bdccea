SELECT state.bytes, coalesce(state.over_bytes, 0) AS over_bytes, run.report ->> 'over_why' AS over_why,
       coalesce(state.late_seconds, 0) AS late_seconds, state.last_started_at, state.last_succeeded_at, state.last_error,
       coalesce(run.report -> 'dropped', '[]') AS dropped, coalesce(run.report -> 'postponed', '[]') AS postponed,
       (SELECT count(*) FROM enterprise.pinned_traces) AS pins,
       (SELECT count(*) FROM enterprise.retention_rules) AS rules
FROM (SELECT) AS always
LEFT JOIN enterprise.retention_state AS state ON true
LEFT JOIN enterprise.maintenance_runs AS run ON run.job = 'retention'
