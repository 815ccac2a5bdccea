BEGIN;
DROP INDEX IF EXISTS enterprise.trace_spans_links_idx;
COMMIT;
