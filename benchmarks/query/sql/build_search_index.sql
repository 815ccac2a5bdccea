CREATE INDEX {child}_{suffix} ON enterprise.{child} USING gin ({on})
