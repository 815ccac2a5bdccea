SELECT role FROM unnest($1::text[]) WITH ORDINALITY AS wanted(role, place)
WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role)
ORDER BY place
