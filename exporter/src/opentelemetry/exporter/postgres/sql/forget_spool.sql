DELETE FROM enterprise.spools WHERE name = $1
