-- Spans that the traces of these services say they have. $1 names of services.
SELECT coalesce(sum(span_count), 0)::bigint FROM enterprise.traces WHERE service_name = ANY($1::text[])
