BEGIN;

-- What a rule may say beyond the sheet's columns. By the defaults it behaves as the sheet says.
ALTER TABLE enterprise.alert_rules
    ADD COLUMN IF NOT EXISTS query text,
    ADD COLUMN IF NOT EXISTS of_query text,
    ADD COLUMN IF NOT EXISTS metric_name varchar,
    ADD COLUMN IF NOT EXISTS aggregation varchar(20),
    ADD COLUMN IF NOT EXISTS group_by text[] NOT NULL DEFAULT '{}',
    ADD COLUMN IF NOT EXISTS for_seconds integer NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS keep_firing_for_seconds integer NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS windows_needed integer NOT NULL DEFAULT 1,
    ADD COLUMN IF NOT EXISTS windows_seen integer NOT NULL DEFAULT 1,
    ADD COLUMN IF NOT EXISTS on_no_data varchar(10) NOT NULL DEFAULT 'keep',
    ADD COLUMN IF NOT EXISTS on_error varchar(10) NOT NULL DEFAULT 'keep',
    ADD COLUMN IF NOT EXISTS failures_before_notice integer NOT NULL DEFAULT 5,
    ADD COLUMN IF NOT EXISTS reminder_minutes integer,
    ADD COLUMN IF NOT EXISTS labels jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN IF NOT EXISTS annotations jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN IF NOT EXISTS version integer NOT NULL DEFAULT 1,
    ADD COLUMN IF NOT EXISTS provisioned_from text,
    ADD COLUMN IF NOT EXISTS last_value float,
    ADD COLUMN IF NOT EXISTS last_error text,
    ADD COLUMN IF NOT EXISTS failing_since timestamptz,
    ADD COLUMN IF NOT EXISTS failures integer NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS failure_told_at timestamptz,
    ADD COLUMN IF NOT EXISTS late_told_at timestamptz,
    ADD COLUMN IF NOT EXISTS last_duration_ms float,
    ADD COLUMN IF NOT EXISTS last_lag_ms float,
    ADD COLUMN IF NOT EXISTS missed_runs bigint NOT NULL DEFAULT 0;

COMMENT ON COLUMN enterprise.alert_rules.query IS 'the search that says which logs, traces or series of a metric are looked at';
COMMENT ON COLUMN enterprise.alert_rules.of_query IS 'of a ratio, the search that the whole consists of';
COMMENT ON COLUMN enterprise.alert_rules.windows_needed IS 'it fires when so many of the last windows_seen evaluations met the condition';
COMMENT ON COLUMN enterprise.alert_rules.on_no_data IS 'keep: no decision; ok: as if the condition were not met; alert: as if it were';
COMMENT ON COLUMN enterprise.alert_rules.on_error IS 'as on_no_data, when the rule cannot be evaluated';
COMMENT ON COLUMN enterprise.alert_rules.failures_before_notice IS 'failed evaluations in a row after which people are told that the rule is failing; 0: never';
COMMENT ON COLUMN enterprise.alert_rules.failure_told_at IS 'since when people know that it is failing; null: they think that it works';
COMMENT ON COLUMN enterprise.alert_rules.late_told_at IS 'since when people know that it is evaluated late; null: they think that it is not';
COMMENT ON COLUMN enterprise.alert_rules.reminder_minutes IS 'null: the cooldown';
COMMENT ON COLUMN enterprise.alert_rules.annotations IS 'what goes with a notice and identifies nothing: runbook_url, summary and the like';
COMMENT ON COLUMN enterprise.alert_rules.version IS 'rises with each change that a person makes';
COMMENT ON COLUMN enterprise.alert_rules.provisioned_from IS 'the file that the rule is kept in; null for one that is kept here';
COMMENT ON COLUMN enterprise.alert_rules.last_lag_ms IS 'how late the last evaluation began';

-- A rule that is changed by plain SQL has a new version too, and the engine hears of every change. What the engine itself
-- writes is in no list of columns here.
CREATE OR REPLACE FUNCTION enterprise.raise_alert_rule_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.version := OLD.version + 1;
    NEW.updated_at := now();
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER raise_version
    BEFORE UPDATE OF name, description, metric_type, condition, threshold, window_minutes, evaluation_interval_seconds,
        custom_sql, severity, notification_channels, cooldown_minutes, enabled, query, of_query, metric_name, aggregation,
        group_by, for_seconds, keep_firing_for_seconds, windows_needed, windows_seen, on_no_data, on_error,
        failures_before_notice, reminder_minutes, labels, annotations, provisioned_from
    ON enterprise.alert_rules
    FOR EACH ROW WHEN (NEW.version = OLD.version AND
       (OLD.name, OLD.description, OLD.metric_type, OLD.condition, OLD.threshold, OLD.window_minutes,
        OLD.evaluation_interval_seconds, OLD.custom_sql, OLD.severity, OLD.notification_channels,
        OLD.cooldown_minutes, OLD.enabled, OLD.query, OLD.of_query, OLD.metric_name, OLD.aggregation,
        OLD.group_by, OLD.for_seconds, OLD.keep_firing_for_seconds, OLD.windows_needed, OLD.windows_seen,
        OLD.on_no_data, OLD.on_error, OLD.failures_before_notice, OLD.reminder_minutes, OLD.labels,
        OLD.annotations, OLD.provisioned_from)
       IS DISTINCT FROM
       (NEW.name, NEW.description, NEW.metric_type, NEW.condition, NEW.threshold, NEW.window_minutes,
        NEW.evaluation_interval_seconds, NEW.custom_sql, NEW.severity, NEW.notification_channels,
        NEW.cooldown_minutes, NEW.enabled, NEW.query, NEW.of_query, NEW.metric_name, NEW.aggregation,
        NEW.group_by, NEW.for_seconds, NEW.keep_firing_for_seconds, NEW.windows_needed, NEW.windows_seen,
        NEW.on_no_data, NEW.on_error, NEW.failures_before_notice, NEW.reminder_minutes, NEW.labels,
        NEW.annotations, NEW.provisioned_from))
    EXECUTE FUNCTION enterprise.raise_alert_rule_version();

CREATE OR REPLACE FUNCTION enterprise.announce_alert_rules() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NOTIFY alert_rules;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER announce
    AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE OF name, description, metric_type, condition, threshold, window_minutes,
        evaluation_interval_seconds, custom_sql, severity, notification_channels, cooldown_minutes, enabled, query,
        of_query, metric_name, aggregation, group_by, for_seconds, keep_firing_for_seconds, windows_needed, windows_seen,
        on_no_data, on_error, failures_before_notice, reminder_minutes, labels, annotations, version, provisioned_from
    ON enterprise.alert_rules
    FOR EACH STATEMENT EXECUTE FUNCTION enterprise.announce_alert_rules();

-- What a rule knows of each label set between two evaluations; all of it is written under the lease of the engine.
CREATE TABLE IF NOT EXISTS enterprise.alert_states (
    rule_id uuid NOT NULL REFERENCES enterprise.alert_rules (id) ON DELETE CASCADE,
    fingerprint varchar(16) NOT NULL,
    labels jsonb NOT NULL DEFAULT '{}',
    phase varchar(10) NOT NULL CHECK (phase IN ('inactive', 'pending', 'firing', 'recovering')),
    since timestamptz NOT NULL,
    evaluated_at timestamptz NOT NULL,
    value float,
    memory jsonb NOT NULL DEFAULT '{}',
    told jsonb NOT NULL DEFAULT '{}',
    instance_id uuid,
    PRIMARY KEY (rule_id, fingerprint)
) WITH (fillfactor = 70);

COMMENT ON COLUMN enterprise.alert_states.fingerprint IS 'of the labels that tell the alerts of a rule apart; empty for a rule without groups';
COMMENT ON COLUMN enterprise.alert_states.memory IS 'what else the evaluation has to remember';
COMMENT ON COLUMN enterprise.alert_states.told IS 'whom the policy has told what, and when';

ALTER TABLE enterprise.alert_instances
    ADD COLUMN IF NOT EXISTS fingerprint varchar(16) NOT NULL DEFAULT '',
    ADD COLUMN IF NOT EXISTS labels jsonb NOT NULL DEFAULT '{}',
    ADD COLUMN IF NOT EXISTS resolved_by varchar(255),
    ADD COLUMN IF NOT EXISTS resolved_because varchar(50);

-- Tables that are older than the engine may hold several.
UPDATE enterprise.alert_instances AS i
SET status = 'resolved', resolved_at = coalesce(i.resolved_at, now()), resolved_because = 'superseded'
WHERE i.status IS DISTINCT FROM 'resolved' AND EXISTS (
    SELECT FROM enterprise.alert_instances AS newer
    WHERE newer.rule_id = i.rule_id AND newer.fingerprint = i.fingerprint AND newer.status IS DISTINCT FROM 'resolved'
      AND (newer.triggered_at, newer.id) > (i.triggered_at, i.id));
CREATE UNIQUE INDEX IF NOT EXISTS alert_instances_open_idx
    ON enterprise.alert_instances (rule_id, fingerprint) WHERE status IS DISTINCT FROM 'resolved';

-- Every change of a state and every decision whom to tell, in the transaction that makes it.
CREATE TABLE IF NOT EXISTS enterprise.alert_history (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL,
    rule_id uuid NOT NULL,
    rule_name varchar(255) NOT NULL,
    fingerprint varchar(16) NOT NULL DEFAULT '',
    labels jsonb NOT NULL DEFAULT '{}',
    instance_id uuid,
    event varchar(20) NOT NULL,
    value float,
    threshold float,
    actor varchar(255),
    detail jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX IF NOT EXISTS alert_history_at_idx ON enterprise.alert_history (at DESC, id DESC);
CREATE INDEX IF NOT EXISTS alert_history_rule_id_idx ON enterprise.alert_history (rule_id, at DESC, id DESC);
CREATE INDEX IF NOT EXISTS alert_history_instance_id_idx ON enterprise.alert_history (instance_id, at) WHERE instance_id IS NOT NULL;

-- Notices to channels. One that waits takes further items of its group; the id is the key by which a receiver knows a
-- repetition. Of a group on a channel one after the other is sent, by `place`.
CREATE TABLE IF NOT EXISTS enterprise.alert_notices (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    place bigint GENERATED ALWAYS AS IDENTITY,
    channel varchar(255) NOT NULL,
    group_key varchar(255) NOT NULL,
    kind varchar(20) NOT NULL CHECK (kind IN ('alert', 'failing', 'late', 'test')),
    items jsonb NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    due_at timestamptz NOT NULL DEFAULT now(),
    state varchar(10) NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sending', 'sent', 'failed', 'dropped')),
    attempts integer NOT NULL DEFAULT 0,
    claimed_by varchar(255),
    claimed_until timestamptz,
    finished_at timestamptz,
    last_error text
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX IF NOT EXISTS alert_notices_gathering_idx
    ON enterprise.alert_notices (channel, group_key) WHERE state = 'waiting' AND attempts = 0;
CREATE INDEX IF NOT EXISTS alert_notices_open_idx
    ON enterprise.alert_notices (channel, group_key, place) WHERE state IN ('waiting', 'sending');
CREATE INDEX IF NOT EXISTS alert_notices_group_idx ON enterprise.alert_notices (channel, group_key, place DESC);
CREATE INDEX IF NOT EXISTS alert_notices_due_idx ON enterprise.alert_notices (due_at) WHERE state IN ('waiting', 'sending');
CREATE INDEX IF NOT EXISTS alert_notices_created_at_idx ON enterprise.alert_notices (created_at DESC);
-- Which notices told of an instance.
CREATE INDEX IF NOT EXISTS alert_notices_items_idx ON enterprise.alert_notices USING gin (items jsonb_path_ops);

COMMENT ON COLUMN enterprise.alert_notices.state IS
    'waiting for due_at; sending until claimed_until, after which another may claim it; sent; failed for good; dropped: not worth telling any more';

CREATE OR REPLACE FUNCTION enterprise.notify_alert_notices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('alert_notices', '');
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER alert_notices_inserted AFTER INSERT ON enterprise.alert_notices
    FOR EACH STATEMENT EXECUTE FUNCTION enterprise.notify_alert_notices();

CREATE TABLE IF NOT EXISTS enterprise.alert_attempts (
    notice_id uuid NOT NULL REFERENCES enterprise.alert_notices (id) ON DELETE CASCADE,
    attempt integer NOT NULL,
    channel varchar(255) NOT NULL,
    sent_at timestamptz NOT NULL,
    duration_ms float,
    success boolean NOT NULL,
    permanent boolean NOT NULL DEFAULT false,
    error text,
    detail jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (notice_id, attempt)
);

-- Where notices go. slack and email are known without a row, from the environment.
CREATE TABLE IF NOT EXISTS enterprise.alert_channels (
    name varchar(255) PRIMARY KEY,
    kind varchar(20) NOT NULL CHECK (kind IN ('slack', 'email', 'webhook', 'pagerduty', 'apprise')),
    settings jsonb NOT NULL DEFAULT '{}',
    version integer NOT NULL DEFAULT 1,
    provisioned_from text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS enterprise.alert_channel_secrets (
    channel varchar(255) PRIMARY KEY REFERENCES enterprise.alert_channels (name) ON DELETE CASCADE ON UPDATE CASCADE,
    secrets jsonb NOT NULL
);

CREATE TABLE IF NOT EXISTS enterprise.alert_silences (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    matchers jsonb NOT NULL,
    starts_at timestamptz NOT NULL DEFAULT now(),
    ends_at timestamptz NOT NULL,
    created_by varchar(255) NOT NULL,
    reason text NOT NULL,
    version integer NOT NULL DEFAULT 1,
    provisioned_from text,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CHECK (ends_at >= starts_at)
);
CREATE INDEX IF NOT EXISTS alert_silences_ends_at_idx ON enterprise.alert_silences (ends_at);

COMMENT ON COLUMN enterprise.alert_silences.matchers IS '[{"name", "op": "=", "!=", "=~" or "!~", "value"}]: all of them have to match';

CREATE TABLE IF NOT EXISTS enterprise.alert_inhibitions (
    name varchar(255) PRIMARY KEY,
    source_matchers jsonb NOT NULL,
    target_matchers jsonb NOT NULL,
    equal_labels text[] NOT NULL DEFAULT '{}',
    version integer NOT NULL DEFAULT 1,
    provisioned_from text,
    updated_at timestamptz NOT NULL DEFAULT now()
);

COMMENT ON TABLE enterprise.alert_inhibitions IS
    'while an alert fires that the source matches, nobody is told of those that the target matches, if their equal_labels are equal';

-- The first that matches decides, and the ones after it if it says so. Without any, a rule's own channels are told.
CREATE TABLE IF NOT EXISTS enterprise.alert_routes (
    name varchar(255) PRIMARY KEY,
    place integer NOT NULL,
    matchers jsonb NOT NULL DEFAULT '[]',
    channels text[],
    group_by text[],
    group_wait_seconds integer NOT NULL DEFAULT 0,
    group_interval_seconds integer NOT NULL DEFAULT 0,
    reminder_minutes integer,
    escalate_after_minutes integer,
    escalate_to text[] NOT NULL DEFAULT '{}',
    goes_on boolean NOT NULL DEFAULT false,
    version integer NOT NULL DEFAULT 1,
    provisioned_from text,
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS alert_routes_place_idx ON enterprise.alert_routes (place);

COMMENT ON COLUMN enterprise.alert_routes.channels IS 'null: the channels of the rule';
COMMENT ON COLUMN enterprise.alert_routes.group_by IS 'labels; null: every alert by itself; empty: all alerts together';
COMMENT ON COLUMN enterprise.alert_routes.reminder_minutes IS 'null: as the rule says';

-- What others than the engine say that fires, by Alertmanager's API; rules of metric_type alertmanager are measured by it.
CREATE TABLE IF NOT EXISTS enterprise.alert_reports (
    rule_id uuid NOT NULL REFERENCES enterprise.alert_rules (id) ON DELETE CASCADE,
    fingerprint varchar(16) NOT NULL,
    labels jsonb NOT NULL,
    annotations jsonb NOT NULL DEFAULT '{}',
    generator_url text,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (rule_id, fingerprint)
) WITH (fillfactor = 70);
CREATE UNIQUE INDEX IF NOT EXISTS alert_rules_reported_idx
    ON enterprise.alert_rules (name, severity) WHERE metric_type = 'alertmanager';

COMMENT ON COLUMN enterprise.alert_reports.labels IS 'without alertname and severity, which are the rule''s';
COMMENT ON COLUMN enterprise.alert_reports.ends_at IS 'it fires until then, unless it is reported again';

-- Who changed what. Rows are never changed; only retention deletes them.
CREATE TABLE IF NOT EXISTS enterprise.alert_audit (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    actor varchar(255),
    action varchar(20) NOT NULL,
    object_type varchar(20) NOT NULL,
    object_id varchar(255) NOT NULL,
    object_name varchar(255),
    before jsonb,
    after jsonb
);
CREATE INDEX IF NOT EXISTS alert_audit_at_idx ON enterprise.alert_audit (at DESC, id DESC);
CREATE INDEX IF NOT EXISTS alert_audit_object_idx ON enterprise.alert_audit (object_type, object_id, at DESC);

-- Default privileges let readers see every table of the schema; secrets are the owner's.
DO $$
DECLARE
    grantee text;
BEGIN
    FOREACH grantee IN ARRAY ARRAY['otelgres_reader', 'otelgres_writer'] LOOP
        IF EXISTS (SELECT FROM pg_roles WHERE rolname = grantee) THEN
            EXECUTE format('REVOKE ALL ON enterprise.alert_channel_secrets FROM %I', grantee);
        END IF;
    END LOOP;
END $$;

COMMIT;
