SELECT count(*) FROM enterprise.{table}
