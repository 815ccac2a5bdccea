-- What remains once rows are gone: traces without any span, names of values, and what carries them on its own.
WITH sought AS (SELECT * FROM enterprise.deletions WHERE id = $1),
whole AS (
    SELECT user_email, session_id, attribute_key, attribute_value FROM sought
    WHERE service_name IS NULL AND rows_from = '-infinity' AND rows_to = 'infinity'
), traces AS (
    DELETE FROM enterprise.traces AS trace
    WHERE trace.trace_id IN (SELECT trace_id FROM enterprise.deletion_traces WHERE deletion = $1)
      AND NOT EXISTS (SELECT FROM enterprise.trace_spans AS span
                      WHERE span.trace_id = trace.trace_id
                        AND span.start_time BETWEEN trace.start_time AND coalesce(trace.latest_start, trace.start_time))
    RETURNING trace_id
), values AS (
    DELETE FROM enterprise.attribute_values AS seen USING sought
    WHERE seen.value IN (left(sought.user_email, 200), left(sought.session_id, 200))
       OR seen.key = sought.attribute_key AND seen.value = left(sought.attribute_value, 200)
), resources AS (
    DELETE FROM enterprise.resources AS resource USING whole
    WHERE enterprise.holds_value(resource.attributes, whole.user_email)
       OR enterprise.holds_value(resource.attributes, whole.session_id)
       OR resource.attributes ->> whole.attribute_key = whole.attribute_value
), series AS (
    DELETE FROM enterprise.metric_series AS series USING whole
    WHERE series.id IN (SELECT series_id FROM enterprise.deletion_series WHERE deletion = $1)
), pins AS (
    DELETE FROM enterprise.pinned_traces AS pin
    WHERE pin.trace_id IN (SELECT trace_id FROM traces)
       OR NOT EXISTS (SELECT FROM enterprise.traces AS trace WHERE trace.trace_id = pin.trace_id)
)
UPDATE enterprise.deletions
SET state = 'done', finished_at = clock_timestamp(), traces = traces + (SELECT count(*) FROM traces),
    user_email = NULL, session_id = NULL, attribute_value = NULL
WHERE id = $1
RETURNING told, spans, logs, points, traces
