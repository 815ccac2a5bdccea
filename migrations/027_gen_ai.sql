BEGIN;

-- What spans say about calls of models, retrievals and look-ups in caches, under whatever names they came. A job derives
-- these rows from whole traces, anew whenever spans of a trace come. A span that is several of these has several rows.
CREATE TABLE IF NOT EXISTS enterprise.gen_ai_spans (
    role varchar(9) NOT NULL CHECK (role IN ('llm', 'retrieval', 'cache')),
    counted boolean NOT NULL,
    timestamp timestamptz NOT NULL,
    trace_id varchar(32) NOT NULL,
    span_id varchar(16) NOT NULL,
    service_name varchar,
    operation_name varchar NOT NULL,
    duration_ms float,
    error boolean NOT NULL,
    error_type varchar,
    user_email varchar,
    department varchar,
    session_id varchar,
    operation varchar,
    provider varchar,
    request_model varchar,
    response_model varchar,
    input_tokens bigint,
    output_tokens bigint,
    total_tokens bigint,
    cache_read_tokens bigint,
    cache_write_tokens bigint,
    reasoning_tokens bigint,
    first_token_ms float,
    cost_usd float,
    cost_source varchar(8) CHECK (cost_source IN ('reported', 'computed')),
    cache_hit boolean,
    cache_name varchar,
    data_source varchar,
    documents bigint,
    top_k bigint,
    query text
) PARTITION BY RANGE (timestamp);
CREATE TABLE IF NOT EXISTS enterprise.gen_ai_spans_default PARTITION OF enterprise.gen_ai_spans DEFAULT;

COMMENT ON COLUMN enterprise.gen_ai_spans.counted IS
    'of spans within one another only one counts: the outermost retrieval, the innermost call of a model or look-up';
COMMENT ON COLUMN enterprise.gen_ai_spans.operation_name IS 'the name of the span';
COMMENT ON COLUMN enterprise.gen_ai_spans.operation IS 'as gen_ai.operation.name has it: chat, embeddings, retrieval, …';
COMMENT ON COLUMN enterprise.gen_ai_spans.cost_usd IS 'null where it was not reported and no price is known';

CREATE INDEX IF NOT EXISTS gen_ai_spans_counted_idx ON enterprise.gen_ai_spans (role, timestamp DESC) WHERE counted;
CREATE INDEX IF NOT EXISTS gen_ai_spans_trace_id_idx ON enterprise.gen_ai_spans (trace_id);

-- How far the job has come, by writer; 0 stands for plain SQL.
CREATE TABLE IF NOT EXISTS enterprise.gen_ai_positions (
    writer integer PRIMARY KEY,
    batch bigint NOT NULL
) WITH (fillfactor = 50);

-- Of a text that holds a JSON array, how many elements it has; null of any other.
CREATE OR REPLACE FUNCTION enterprise.elements_of(array_text text) RETURNS bigint
    LANGUAGE plpgsql IMMUTABLE PARALLEL UNSAFE AS $$
BEGIN
    RETURN jsonb_array_length(array_text::jsonb);
EXCEPTION WHEN data_exception OR program_limit_exceeded OR statement_too_complex THEN
    RETURN NULL;
END $$;

-- The owner's rights, since whoever may delete a trace need not be allowed to write what is derived from it.
CREATE OR REPLACE FUNCTION enterprise.delete_gen_ai_of_traces() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    earliest timestamptz;
    latest timestamptz;
BEGIN
    SELECT min(start_time), max(coalesce(latest_start, start_time)) INTO earliest, latest FROM old_traces;
    IF earliest IS NOT NULL THEN
        DELETE FROM enterprise.gen_ai_spans
        WHERE trace_id IN (SELECT trace_id FROM old_traces) AND timestamp BETWEEN earliest AND latest;
    END IF;
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION enterprise.delete_gen_ai_of_traces() FROM PUBLIC;

CREATE OR REPLACE FUNCTION enterprise.truncate_gen_ai() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Both tables may be truncated by one statement, which forbids a second time.
    IF EXISTS (SELECT FROM enterprise.gen_ai_spans) THEN
        TRUNCATE enterprise.gen_ai_spans;
    END IF;
    RETURN NULL;
END $$;
REVOKE EXECUTE ON FUNCTION enterprise.truncate_gen_ai() FROM PUBLIC;

CREATE OR REPLACE TRIGGER traces_deleted_gen_ai AFTER DELETE ON enterprise.traces
    REFERENCING OLD TABLE AS old_traces FOR EACH STATEMENT EXECUTE FUNCTION enterprise.delete_gen_ai_of_traces();
CREATE OR REPLACE TRIGGER traces_truncated_gen_ai AFTER TRUNCATE ON enterprise.traces
    FOR EACH STATEMENT EXECUTE FUNCTION enterprise.truncate_gen_ai();

-- Views under names that an application's own tables may have already: whatever else has such a name is somebody's own
-- and stays.
DO $do$
DECLARE
    view record;
BEGIN
    FOR view IN
        SELECT * FROM (VALUES
            ('rag_metrics', 'timestamp,total_ms,retrieval_ms,documents', $$
                SELECT timestamp, duration_ms AS total_ms, duration_ms AS retrieval_ms, documents, top_k, data_source,
                       cache_hit, query, input_tokens, coalesce(request_model, response_model) AS model, provider,
                       error, error_type, user_email, department, session_id, service_name, operation_name, trace_id,
                       span_id
                FROM enterprise.gen_ai_spans
                WHERE role = 'retrieval' AND counted$$),
            ('llm_call_metrics', 'timestamp,cost_usd,provider,model', $$
                SELECT timestamp, cost_usd, provider, coalesce(request_model, response_model) AS model, operation,
                       input_tokens, output_tokens,
                       coalesce(total_tokens, input_tokens + output_tokens, input_tokens, output_tokens) AS total_tokens,
                       cache_read_tokens AS cached_tokens, cache_write_tokens, reasoning_tokens,
                       duration_ms AS latency_ms, first_token_ms, error, error_type, cache_hit, cost_source,
                       response_model, user_email, department, session_id, service_name, operation_name, trace_id,
                       span_id
                FROM enterprise.gen_ai_spans
                WHERE role = 'llm' AND counted$$),
            ('cache_lookups', 'timestamp,hit,name', $$
                SELECT timestamp, cache_hit AS hit, cache_name AS name, duration_ms AS lookup_ms, user_email, department,
                       session_id, service_name, operation_name, trace_id, span_id
                FROM enterprise.gen_ai_spans
                WHERE role = 'cache' AND counted$$)) AS v(name, begins, query)
    LOOP
        IF EXISTS (
            SELECT FROM pg_class AS c
            WHERE c.oid = to_regclass('enterprise.' || view.name)
              AND (c.relkind <> 'v' OR (ARRAY(SELECT a.attname::text FROM pg_attribute AS a
                                              WHERE a.attrelid = c.oid AND a.attnum > 0 ORDER BY a.attnum)
                                       )[1:cardinality(string_to_array(view.begins, ','))]
                                       <> string_to_array(view.begins, ','))) THEN
            RAISE WARNING 'enterprise.% exists and is not the view of Otelgres: it was left alone', view.name;
        ELSE
            EXECUTE format('CREATE OR REPLACE VIEW enterprise.%I AS %s', view.name, view.query);
        END IF;
    END LOOP;
END $do$;

COMMIT;
