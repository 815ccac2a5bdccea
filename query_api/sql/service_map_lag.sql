SELECT counted_until, extract(epoch FROM clock_timestamp() - counted_until)::float AS seconds
FROM enterprise.rollup_progress WHERE rollup = 'edges'
