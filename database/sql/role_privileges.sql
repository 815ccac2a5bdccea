SELECT r.role, r.privileges, array_agg(format('enterprise.%I', relation) ORDER BY relation) AS relations,
       EXISTS (SELECT FROM pg_roles WHERE rolname = r.role) AS is_there
FROM enterprise.privileges_of_roles() AS r, unnest(r.relations) AS relation
GROUP BY r.role, r.privileges
ORDER BY r.role, r.privileges
