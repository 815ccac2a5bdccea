BEGIN;
DROP FUNCTION IF EXISTS enterprise.message_patterns(text);
COMMIT;
