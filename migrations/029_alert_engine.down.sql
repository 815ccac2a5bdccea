BEGIN;
DROP TABLE IF EXISTS enterprise.alert_reports;
DROP INDEX IF EXISTS enterprise.alert_rules_reported_idx;
DROP TABLE IF EXISTS enterprise.alert_audit;
DROP TABLE IF EXISTS enterprise.alert_routes;
DROP TABLE IF EXISTS enterprise.alert_inhibitions;
DROP TABLE IF EXISTS enterprise.alert_silences;
DROP TABLE IF EXISTS enterprise.alert_channel_secrets;
DROP TABLE IF EXISTS enterprise.alert_channels;
DROP TABLE IF EXISTS enterprise.alert_attempts;
DROP TABLE IF EXISTS enterprise.alert_notices;
DROP FUNCTION IF EXISTS enterprise.notify_alert_notices();
DROP TABLE IF EXISTS enterprise.alert_history;
DROP TABLE IF EXISTS enterprise.alert_states;
DROP FUNCTION IF EXISTS enterprise.announce_alert_rules() CASCADE;
DROP FUNCTION IF EXISTS enterprise.raise_alert_rule_version() CASCADE;
DROP INDEX IF EXISTS enterprise.alert_instances_open_idx;
ALTER TABLE IF EXISTS enterprise.alert_instances
    DROP COLUMN IF EXISTS fingerprint, DROP COLUMN IF EXISTS labels,
    DROP COLUMN IF EXISTS resolved_by, DROP COLUMN IF EXISTS resolved_because;
ALTER TABLE IF EXISTS enterprise.alert_rules
    DROP COLUMN IF EXISTS query, DROP COLUMN IF EXISTS of_query, DROP COLUMN IF EXISTS metric_name,
    DROP COLUMN IF EXISTS aggregation, DROP COLUMN IF EXISTS group_by, DROP COLUMN IF EXISTS for_seconds,
    DROP COLUMN IF EXISTS keep_firing_for_seconds, DROP COLUMN IF EXISTS windows_needed,
    DROP COLUMN IF EXISTS windows_seen, DROP COLUMN IF EXISTS on_no_data, DROP COLUMN IF EXISTS on_error,
    DROP COLUMN IF EXISTS failures_before_notice, DROP COLUMN IF EXISTS reminder_minutes, DROP COLUMN IF EXISTS labels,
    DROP COLUMN IF EXISTS annotations, DROP COLUMN IF EXISTS version, DROP COLUMN IF EXISTS provisioned_from,
    DROP COLUMN IF EXISTS last_value, DROP COLUMN IF EXISTS last_error, DROP COLUMN IF EXISTS failing_since,
    DROP COLUMN IF EXISTS failures, DROP COLUMN IF EXISTS failure_told_at, DROP COLUMN IF EXISTS late_told_at,
    DROP COLUMN IF EXISTS last_duration_ms, DROP COLUMN IF EXISTS last_lag_ms,
    DROP COLUMN IF EXISTS missed_runs;
COMMIT;
