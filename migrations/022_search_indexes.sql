BEGIN;

-- Whether a partition has all indexes that searches of its table use, be they built after its time or before.
CREATE OR REPLACE FUNCTION enterprise.has_search_indexes(parent text, child text) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT bool_and(EXISTS (
        SELECT FROM pg_index
        WHERE indexrelid = to_regclass(format('enterprise.%I', has_search_indexes.child || '_' || wanted.suffix))
          AND indisvalid))
    FROM (VALUES ('structured_logs', 'message_search'), ('structured_logs', 'extra_search'),
                 ('trace_spans', 'tags_search')) AS wanted (parent, suffix)
    WHERE wanted.parent = has_search_indexes.parent
$$;

COMMIT;
