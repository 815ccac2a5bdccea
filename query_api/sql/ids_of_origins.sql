ARRAY(SELECT origin.id FROM enterprise.{table} AS origin WHERE {matches} LIMIT $1)
