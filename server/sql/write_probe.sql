-- Changes no row, yet fails where the database is read-only or this role may not write.
UPDATE enterprise.maintenance_runs SET job = job WHERE false
