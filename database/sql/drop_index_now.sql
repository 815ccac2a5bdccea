DROP INDEX IF EXISTS enterprise.{index}
