-- Traces to derive anew: of the spans that came in the batches given ($1 writers, each with its batches beyond $2 up to
-- $3) one carries an attribute of $7, or there are rows of the trace already. $4 is the least time kept; $5 and $6 are
-- the least of $2 and the greatest of $3: constants let the planner find the BRIN index.
WITH given AS MATERIALIZED (
    SELECT * FROM unnest($1::integer[], $2::bigint[], $3::bigint[]) AS g(writer, after, upto)
), arrived AS MATERIALIZED (
    SELECT s.trace_id, bool_or(CASE jsonb_typeof(s.tags) WHEN 'object' THEN s.tags ?| $7::text[] END) AS marked
    FROM enterprise.trace_spans AS s
    JOIN given AS g ON g.writer = s.writer AND s.batch > g.after AND s.batch <= g.upto
    WHERE s.batch > $5 AND s.batch <= $6 AND s.start_time >= $4
    GROUP BY s.trace_id
)
SELECT t.trace_id, greatest(t.start_time, $4) AS earliest, coalesce(t.latest_start, t.start_time) AS latest
FROM arrived AS a
JOIN enterprise.traces AS t USING (trace_id)
WHERE a.marked OR EXISTS (
    SELECT FROM enterprise.gen_ai_spans AS g
    WHERE g.trace_id = t.trace_id AND g.timestamp BETWEEN t.start_time AND coalesce(t.latest_start, t.start_time))
ORDER BY t.start_time
