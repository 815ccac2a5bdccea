INSERT INTO enterprise.deletion_traces (deletion, trace_id)
SELECT sought.id, trace.trace_id
FROM enterprise.deletions AS sought
JOIN enterprise.traces AS trace
  ON (sought.user_email IS NULL OR trace.user_email = sought.user_email)
 AND (sought.session_id IS NULL OR trace.session_id = sought.session_id)
 AND trace.start_time < sought.rows_to AND coalesce(trace.latest_start, trace.start_time) >= sought.rows_from
WHERE sought.id = $1 AND (sought.user_email IS NOT NULL OR sought.session_id IS NOT NULL)
