BEGIN;

-- The default rules come with the table, once: one that an admin deleted stays deleted.
DO $$
BEGIN
    IF to_regclass('enterprise.alert_rules') IS NOT NULL THEN
        RETURN;
    END IF;
    CREATE TABLE enterprise.alert_rules (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        name varchar(255) NOT NULL,
        description text,
        metric_type varchar(50) NOT NULL,
        condition varchar(20) NOT NULL CHECK (condition IN ('gt', 'lt', 'gte', 'lte', 'eq', 'neq')),
        threshold float NOT NULL,
        window_minutes integer DEFAULT 5,
        evaluation_interval_seconds integer DEFAULT 60,
        custom_sql text,
        severity varchar(20) DEFAULT 'warning',
        notification_channels jsonb DEFAULT '["slack"]',
        cooldown_minutes integer DEFAULT 15,
        enabled boolean DEFAULT true,
        last_evaluated_at timestamptz,
        last_triggered_at timestamptz,
        created_at timestamptz DEFAULT now(),
        created_by varchar(255),
        updated_at timestamptz DEFAULT now()
    );
    INSERT INTO enterprise.alert_rules
        (name, description, metric_type, condition, threshold, window_minutes, severity, notification_channels)
    VALUES
        ('High Error Rate', 'More than 10 errors in 5 minutes', 'error_count', 'gt', 10, 5, 'critical', '["slack"]'),
        ('Slow RAG Queries', 'RAG P95 latency above 3 seconds', 'rag_latency_p95', 'gt', 3000, 5, 'warning', '["slack"]'),
        ('LLM Cost Spike', 'LLM cost exceeds $10 in 1 hour', 'llm_cost_hourly', 'gt', 10, 60, 'warning', '["slack", "email"]'),
        ('Low Cache Hit Rate', 'Cache hit rate below 20%', 'cache_hit_rate', 'lt', 20, 15, 'info', '["slack"]'),
        ('High Memory Usage', 'Memory usage above 85%', 'memory_percent', 'gt', 85, 5, 'warning', '["slack"]');
END $$;

CREATE INDEX IF NOT EXISTS alert_rules_enabled_idx ON enterprise.alert_rules (enabled);
CREATE INDEX IF NOT EXISTS alert_rules_metric_type_idx ON enterprise.alert_rules (metric_type);

CREATE TABLE IF NOT EXISTS enterprise.alert_instances (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    rule_id uuid NOT NULL REFERENCES enterprise.alert_rules (id) ON DELETE CASCADE,
    triggered_at timestamptz NOT NULL DEFAULT now(),
    resolved_at timestamptz,
    status varchar(20) DEFAULT 'firing' CHECK (status IN ('firing', 'acknowledged', 'resolved')),
    acknowledged_by varchar(255),
    acknowledged_at timestamptz,
    metric_value float,
    threshold_value float,
    message text,
    context jsonb DEFAULT '{}',
    notifications_sent jsonb DEFAULT '[]'
);

CREATE INDEX IF NOT EXISTS alert_instances_rule_id_idx ON enterprise.alert_instances (rule_id);
CREATE INDEX IF NOT EXISTS alert_instances_status_idx ON enterprise.alert_instances (status);
CREATE INDEX IF NOT EXISTS alert_instances_triggered_at_idx ON enterprise.alert_instances (triggered_at DESC);

COMMIT;
