BEGIN;
-- privileges_of_roles() still names the views, which does no harm without them.
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
COMMIT;
