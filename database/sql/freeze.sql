VACUUM (FREEZE, ANALYZE) enterprise.{child}
