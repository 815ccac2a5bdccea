BEGIN;
DO $$
DECLARE
    view record;
BEGIN
    FOR view IN
        SELECT * FROM (VALUES ('rag_metrics', 'timestamp,total_ms,retrieval_ms,documents'),
                              ('llm_call_metrics', 'timestamp,cost_usd,provider,model'),
                              ('cache_lookups', 'timestamp,hit,name')) AS v(name, begins)
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
DROP FUNCTION IF EXISTS enterprise.delete_gen_ai_of_traces() CASCADE;
DROP FUNCTION IF EXISTS enterprise.truncate_gen_ai() CASCADE;
DROP FUNCTION IF EXISTS enterprise.elements_of(text);
DROP TABLE IF EXISTS enterprise.gen_ai_positions;
DROP TABLE IF EXISTS enterprise.gen_ai_spans;
COMMIT;
