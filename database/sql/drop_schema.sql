DO $$
BEGIN
    DROP TABLE enterprise.schema_migrations;
    DROP SCHEMA enterprise;
EXCEPTION WHEN dependent_objects_still_exist THEN
    DROP TABLE enterprise.schema_migrations;
END $$
