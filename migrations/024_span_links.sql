BEGIN;

-- Which spans link to a trace. Spans without links, which most are, cost no more than the test of the condition.
CREATE INDEX IF NOT EXISTS trace_spans_links_idx ON enterprise.trace_spans
    USING gin (jsonb_path_query_array(links, '$[*].trace_id') jsonb_path_ops) WHERE links IS NOT NULL;

COMMIT;
