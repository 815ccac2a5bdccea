BEGIN;
DROP TABLE IF EXISTS enterprise.attribute_leaves;
DROP TABLE IF EXISTS enterprise.attribute_positions;
DROP TABLE IF EXISTS enterprise.attribute_values;
DROP TABLE IF EXISTS enterprise.attribute_keys;
COMMIT;
