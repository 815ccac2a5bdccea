SELECT role, array_agg(DISTINCT relation ORDER BY relation) AS relations
FROM unnest($1::text[], $2::text[], $3::text[]) AS needed (role, relation, privilege)
WHERE to_regclass(relation) IS NOT NULL AND NOT has_table_privilege(role, to_regclass(relation), privilege)
GROUP BY role
ORDER BY role
