SELECT job, last_succeeded_at, last_error FROM enterprise.maintenance_runs
