BEGIN;
DROP VIEW IF EXISTS enterprise.retention_state;
DO $$
BEGIN
    IF to_regclass('enterprise.role_privileges') IS NOT NULL THEN
        DELETE FROM enterprise.role_privileges
        WHERE relation IN ('pinned_traces', 'retention_rules', 'retention_rules_kept', 'retention_floors',
                           'retention_state');
    END IF;
END $$;
DROP FUNCTION IF EXISTS enterprise.delete_spans(regclass, tid[]);
DROP FUNCTION IF EXISTS enterprise.mend_traces(text[]);
DROP TABLE IF EXISTS enterprise.retention_rules_kept;
DROP TABLE IF EXISTS enterprise.retention_rules;
DROP TABLE IF EXISTS enterprise.pinned_traces;
DROP TABLE IF EXISTS enterprise.retention_floors;
COMMIT;
