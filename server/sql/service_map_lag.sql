SELECT extract(epoch FROM clock_timestamp() - counted_until)::float
FROM enterprise.rollup_progress WHERE rollup = 'edges'
