BEGIN;
DO $$
BEGIN
    IF EXISTS (
        SELECT FROM pg_class AS c
        WHERE c.oid = to_regclass('enterprise.metrics') AND c.relkind = 'v'
          AND (ARRAY(SELECT a.attname::text FROM pg_attribute AS a
                     WHERE a.attrelid = c.oid AND a.attnum > 0 ORDER BY a.attnum))[1:8]
              = '{name,type,unit,service_name,attributes,time,value,value_int}') THEN
        DROP VIEW enterprise.metrics;
    END IF;
END $$;
DROP TABLE IF EXISTS enterprise.metric_hours_due;
DROP TABLE IF EXISTS enterprise.metric_positions;
DROP TABLE IF EXISTS enterprise.metric_hours;
DROP TABLE IF EXISTS enterprise.metric_minutes;
DROP TABLE IF EXISTS enterprise.metric_points;
DROP TABLE IF EXISTS enterprise.metric_bounds;
DROP TABLE IF EXISTS enterprise.metric_series;
COMMIT;
