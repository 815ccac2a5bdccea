DROP TABLE enterprise.{table}
