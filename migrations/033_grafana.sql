BEGIN;

-- Views for the panels of Grafana: names, order and types of their columns are those that its panels read. JSON is text,
-- since not every version of its data source makes the same of jsonb; times that macros filter by are real columns.

-- An object as Grafana shows attributes: a list of {key, value}; values that JavaScript cannot show are text. Of what is
-- no object, an empty list.
CREATE OR REPLACE FUNCTION enterprise.grafana_fields(attributes jsonb) RETURNS jsonb
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('key', key, 'value', CASE jsonb_typeof(value)
                                  WHEN 'array' THEN to_jsonb(value::text)
                                  WHEN 'object' THEN to_jsonb(value::text)
                                  WHEN 'null' THEN to_jsonb(''::text)
                                  WHEN 'number' THEN CASE WHEN abs(value::numeric) < 9007199254740992 THEN value
                                                          ELSE to_jsonb(value::text) END
                                  ELSE value END) ORDER BY key COLLATE "C"), '[]')
    FROM jsonb_each(CASE WHEN jsonb_typeof(attributes) = 'object' THEN attributes ELSE '{}' END)
$$;

-- Milliseconds since 1970; null of a text that is no time. Not parallel: before PostgreSQL 17 nothing may be caught there.
CREATE OR REPLACE FUNCTION enterprise.grafana_milliseconds(moment text) RETURNS float
    LANGUAGE plpgsql STABLE AS $$
BEGIN
    RETURN CASE WHEN isfinite(moment::timestamptz) THEN extract(epoch FROM moment::timestamptz) * 1000 END;
EXCEPTION WHEN data_exception THEN
    RETURN NULL;
END $$;

-- The middle of a bucket of durations, in proportion: within 2 % of all that it holds.
CREATE OR REPLACE FUNCTION enterprise.bucket_milliseconds(bucket smallint) RETURNS float
    LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT 2 * power(1.04::float, bucket) / 2.04 / 1000 $$;

DO $do$
DECLARE
    view record;
BEGIN
    FOR view IN
        SELECT * FROM (VALUES
            ('grafana_trace_spans', 'traceID,spanID,parentSpanID,operationName',
             'spans as the Traces panel reads them; ask for one "traceID"', $$
                SELECT trace.trace_id::text AS "traceID", span.span_id::text AS "spanID",
                       span.parent_span_id::text AS "parentSpanID", span.operation_name::text AS "operationName",
                       coalesce(span.service_name, '')::text AS "serviceName", span.started_ms AS "startTime",
                       coalesce(span.duration_ms, 0)::float AS "duration",
                       enterprise.grafana_fields(coalesce(
                           resource.attributes,
                           jsonb_strip_nulls(jsonb_build_object('service.name', span.service_name))))::text AS "serviceTags",
                       enterprise.grafana_fields(
                           -- The panel marks a span by this tag.
                           CASE WHEN span.status = 'error' THEN '{"error": true}'::jsonb ELSE '{}' END
                           || CASE WHEN jsonb_typeof(span.tags) = 'object' THEN span.tags ELSE '{}' END)::text AS "tags",
                       coalesce((
                           SELECT jsonb_agg(jsonb_build_object(
                                      'timestamp', coalesce(enterprise.grafana_milliseconds(e.event ->> 'timestamp'),
                                                            span.started_ms),
                                      'fields', enterprise.grafana_fields(
                                          CASE WHEN jsonb_typeof(e.event) = 'object' THEN e.event - 'timestamp'
                                               ELSE jsonb_build_object('message', e.event) END)) ORDER BY e.place)
                           FROM jsonb_array_elements(CASE WHEN jsonb_typeof(span.logs) = 'array' THEN span.logs END)
                                WITH ORDINALITY AS e(event, place)), '[]')::text AS "logs",
                       coalesce((
                           SELECT jsonb_agg(jsonb_build_object(
                                      'traceID', coalesce(l.link ->> 'trace_id', ''),
                                      'spanID', coalesce(l.link ->> 'span_id', ''),
                                      'tags', enterprise.grafana_fields(l.link -> 'attributes')) ORDER BY l.place)
                           FROM jsonb_array_elements(CASE WHEN jsonb_typeof(span.links) = 'array' THEN span.links END)
                                WITH ORDINALITY AS l(link, place)), '[]')::text AS "references",
                       CASE WHEN span.end_time IS NULL THEN '["The span has not ended"]' ELSE '[]' END AS "warnings",
                       coalesce(jsonb_path_query_array(span.logs, '$[*]."exception.stacktrace"'), '[]')::text
                           AS "stackTraces",
                       (ARRAY['internal', 'server', 'client', 'producer', 'consumer'])[span.kind] AS "kind",
                       CASE WHEN span.status = 'error' THEN 2 ELSE span.status_code END AS "statusCode",
                       coalesce(span.status_message, span.error_message) AS "statusMessage",
                       scope.name::text AS "instrumentationLibraryName", span.trace_state AS "traceState",
                       span.start_time
                FROM enterprise.traces AS trace
                -- A sender may have sent a span twice. DISTINCT also keeps the planner from joining the other way round, and
                -- "traceID" is the trace's own: only its row tells which partitions may hold its spans.
                CROSS JOIN LATERAL (
                    SELECT DISTINCT ON (s.start_time, s.start_nanos, s.span_id) s.*,
                           (extract(epoch FROM s.start_time) * 1000)::float AS started_ms
                    FROM enterprise.trace_spans AS s
                    WHERE s.trace_id = trace.trace_id
                      AND s.start_time BETWEEN trace.start_time AND coalesce(trace.latest_start, trace.start_time)
                    ORDER BY s.start_time, s.start_nanos, s.span_id, s.end_time IS NULL, s.batch DESC, s.id) AS span
                LEFT JOIN enterprise.resources AS resource ON resource.id = span.resource_id
                LEFT JOIN enterprise.scopes AS scope ON scope.id = span.scope_id$$),
            ('grafana_logs', 'time,body,level,id,tsNs',
             'logs as the Logs panel reads them; bound the time', $$
                SELECT log.timestamp AS "time", log.message AS body, lower(log.level) AS "level", log.id::text AS id,
                       trunc(extract(epoch FROM log.timestamp) * 1000000000 + coalesce(log.timestamp_nanos, 0))::text
                           AS "tsNs",
                       log.service_name::text AS service_name, log.logger_name::text AS logger_name,
                       log.trace_id::text AS trace_id, log.span_id::text AS span_id, log.user_email::text AS user_email,
                       log.department::text AS department, log.session_id::text AS session_id,
                       log.endpoint::text AS endpoint, log.exception_type::text AS exception_type,
                       log.exception_message, log.exception_traceback, log.extra::text AS attributes,
                       resource.attributes::text AS resource_attributes
                FROM enterprise.structured_logs AS log
                LEFT JOIN enterprise.resources AS resource ON resource.id = log.resource_id$$),
            ('grafana_operations', 'time,service_name,operation_name,kind',
             'rate, errors and durations of operations by the minute; 10 seconds behind what was stored, more while the '
             || 'job "folding" is late. Counts are exact, percentiles within 2 %', $$
                SELECT folded.minute AS "time", operation.service_name::text AS service_name,
                       operation.operation_name::text AS operation_name,
                       coalesce((ARRAY['internal', 'server', 'client', 'producer', 'consumer'])[operation.kind], '')
                           AS kind,
                       folded.spans, folded.errors, folded.duration_ms / folded.spans AS mean_ms,
                       enterprise.bucket_milliseconds(
                           enterprise.percentile_bucket(folded.buckets, folded.counts, 0.5)) AS p50_ms,
                       enterprise.bucket_milliseconds(
                           enterprise.percentile_bucket(folded.buckets, folded.counts, 0.95)) AS p95_ms,
                       enterprise.bucket_milliseconds(
                           enterprise.percentile_bucket(folded.buckets, folded.counts, 0.99)) AS p99_ms
                FROM enterprise.operation_minutes AS folded
                JOIN enterprise.operations AS operation ON operation.id = folded.operation
                WHERE folded.spans > 0$$),
            ('grafana_log_levels', 'time,service_name,level,logs',
             'logs by the minute, service and level; 10 seconds behind what was stored, more while the job "folding" is '
             || 'late', $$
                SELECT minute AS "time", service_name::text AS service_name, lower(level) AS "level", logs
                FROM enterprise.log_minutes$$),
            ('grafana_alerts', 'time,name,severity,status',
             'alerts: a row for each time that a rule fired', $$
                SELECT instance.triggered_at AS "time", rule.name::text AS name, rule.severity::text AS severity,
                       instance.status::text AS status, instance.message, instance.metric_value, instance.threshold_value,
                       rule.metric_type::text AS metric_type, instance.labels::text AS labels, instance.resolved_at,
                       instance.acknowledged_at, instance.acknowledged_by::text AS acknowledged_by,
                       instance.id::text AS id, instance.rule_id::text AS rule_id
                FROM enterprise.alert_instances AS instance
                JOIN enterprise.alert_rules AS rule ON rule.id = instance.rule_id$$),
            ('grafana_llm_calls', 'time,service_name,provider,model',
             'calls of language models, the rows of llm_call_metrics; 10 seconds behind what was stored, more while the '
             || 'job "gen_ai" is late', $$
                SELECT timestamp AS "time", service_name::text AS service_name, provider::text AS provider,
                       coalesce(request_model, response_model)::text AS model, operation::text AS operation, cost_usd,
                       cost_source::text AS cost_source, input_tokens, output_tokens,
                       coalesce(total_tokens, input_tokens + output_tokens, input_tokens, output_tokens) AS total_tokens,
                       duration_ms AS latency_ms, first_token_ms, error, error_type::text AS error_type,
                       user_email::text AS user_email, department::text AS department, session_id::text AS session_id,
                       operation_name::text AS operation_name, trace_id::text AS trace_id, span_id::text AS span_id
                FROM enterprise.gen_ai_spans
                WHERE role = 'llm' AND counted$$)) AS v(name, begins, says, query)
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
            EXECUTE format('COMMENT ON VIEW enterprise.%I IS %L', view.name, view.says);
        END IF;
    END LOOP;
END $do$;

INSERT INTO enterprise.role_privileges (role, privileges, relation)
SELECT role, 'SELECT', relation
FROM unnest(ARRAY['otelgres_reader', 'otelgres_grafana']) AS role,
     unnest(ARRAY['grafana_trace_spans', 'grafana_logs', 'grafana_operations', 'grafana_log_levels', 'grafana_alerts',
                  'grafana_llm_calls']) AS relation
ON CONFLICT (role, relation) DO NOTHING;

SELECT enterprise.grant_roles();

COMMIT;
