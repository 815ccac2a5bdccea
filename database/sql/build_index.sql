CREATE INDEX CONCURRENTLY IF NOT EXISTS {child}_{suffix} ON enterprise.{child} USING gin ({on})
