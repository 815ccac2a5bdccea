BEGIN;
DROP TABLE IF EXISTS enterprise.structured_logs;
DROP FUNCTION IF EXISTS enterprise.notify_new_log();
DROP FUNCTION IF EXISTS enterprise.message_words(text);
COMMIT;
