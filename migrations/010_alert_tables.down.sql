BEGIN;
DROP TABLE IF EXISTS enterprise.alert_instances;
DROP TABLE IF EXISTS enterprise.alert_rules;
COMMIT;
