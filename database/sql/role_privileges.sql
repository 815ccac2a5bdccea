SELECT p.role, p.privileges, array_agg(format('enterprise.%I', p.relation) ORDER BY p.relation) AS relations,
       EXISTS (SELECT FROM pg_roles WHERE rolname = p.role) AS is_there
FROM enterprise.role_privileges AS p
GROUP BY p.role, p.privileges
ORDER BY p.role, p.privileges
