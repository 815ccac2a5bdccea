INSERT INTO enterprise.{child}
SELECT * FROM enterprise.{child}_dropped
WHERE trace_id = ANY (ARRAY(SELECT trace_id FROM enterprise.pinned_traces))
