-- A trigger raises the version.
UPDATE enterprise.alert_rules SET provisioned_from = NULL
WHERE provisioned_from = $1
RETURNING id AS key, name
