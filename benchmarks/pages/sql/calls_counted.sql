SELECT count(*) FROM enterprise.edges
