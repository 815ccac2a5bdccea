-- Of the newest traces that may match, so many ($9) with so many spans together ($10) at most, those with a span that
-- does, $8 at most. If there are fewer: whether there are no more that may, and which was the last looked into.
WITH newest AS MATERIALIZED (
    SELECT trace.*, sum(span_count) OVER (ORDER BY start_time DESC, trace_id DESC ROWS UNBOUNDED PRECEDING) AS spans_upto
    FROM (
        SELECT *
        FROM enterprise.traces AS trace
        WHERE {filters}
          AND ($6::text IS NULL OR (start_time, trace_id) < ($6::text::timestamptz, $7::text))
        ORDER BY start_time DESC, trace_id DESC
        LIMIT $9
    ) AS trace
), probed AS MATERIALIZED (
    SELECT * FROM newest WHERE spans_upto <= $10
), page AS MATERIALIZED (
    SELECT ARRAY(
        SELECT trace.trace_id::text
        FROM probed AS trace
        WHERE EXISTS (
            SELECT FROM enterprise.trace_spans AS span
            WHERE span.trace_id = trace.trace_id
              AND span.start_time BETWEEN trace.start_time AND coalesce(trace.latest_start, trace.start_time)
              AND {of_spans}
            -- Else the spans of all days might be read at once.
            OFFSET 0
        )
        -- In the order of `newest`, which a scan of it keeps; a sort would look into all of them.
        LIMIT $8
    ) AS found
)
SELECT found,
       -- Once the page is full no more are sought.
       CASE WHEN cardinality(found) < $8 THEN
           (SELECT count(*) FROM newest) < $9 AND NOT EXISTS (SELECT FROM newest WHERE spans_upto > $10)
       END AS whole,
       last.start_time::text AS time, last.trace_id AS id
FROM page
LEFT JOIN LATERAL (
    SELECT start_time, trace_id FROM probed WHERE cardinality(found) < $8 ORDER BY start_time, trace_id LIMIT 1
) AS last ON true
