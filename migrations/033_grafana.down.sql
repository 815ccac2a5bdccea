BEGIN;
DO $$
DECLARE
    view record;
BEGIN
    FOR view IN
        SELECT * FROM (VALUES ('grafana_trace_spans', 'traceID,spanID,parentSpanID,operationName'),
                              ('grafana_logs', 'time,body,level,id,tsNs'),
                              ('grafana_operations', 'time,service_name,operation_name,kind'),
                              ('grafana_log_levels', 'time,service_name,level,logs'),
                              ('grafana_alerts', 'time,name,severity,status'),
                              ('grafana_llm_calls', 'time,service_name,provider,model')) AS v(name, begins)
    LOOP
        IF EXISTS (
            SELECT FROM pg_class AS c
            WHERE c.oid = to_regclass('enterprise.' || view.name) AND c.relkind = 'v'
              AND (ARRAY(SELECT a.attname::text FROM pg_attribute AS a
                         WHERE a.attrelid = c.oid AND a.attnum > 0 ORDER BY a.attnum)
                  )[1:cardinality(string_to_array(view.begins, ','))] = string_to_array(view.begins, ',')) THEN
            EXECUTE format('DROP VIEW enterprise.%I', view.name);
        END IF;
    END LOOP;
END $$;
DROP FUNCTION IF EXISTS enterprise.bucket_milliseconds(smallint);
DROP FUNCTION IF EXISTS enterprise.grafana_milliseconds(text);
DROP FUNCTION IF EXISTS enterprise.grafana_fields(jsonb);
DO $$
BEGIN
    IF to_regclass('enterprise.role_privileges') IS NOT NULL THEN
        DELETE FROM enterprise.role_privileges
        WHERE relation IN ('grafana_trace_spans', 'grafana_logs', 'grafana_operations', 'grafana_log_levels',
                           'grafana_alerts', 'grafana_llm_calls');
    END IF;
END $$;
COMMIT;
