BEGIN;
DROP FUNCTION IF EXISTS enterprise.has_search_indexes(text, text);
COMMIT;
