DO $$
DECLARE
    statement text;
BEGIN
    FOR statement IN
        SELECT format('GRANT %s ON enterprise.{child} TO %I', string_agg(a.privilege_type, ', '), r.rolname)
        FROM pg_class AS parent, aclexplode(parent.relacl) AS a
        JOIN pg_roles AS r ON r.oid = a.grantee
        WHERE parent.oid = 'enterprise.{parent}'::regclass AND a.grantee <> parent.relowner
        GROUP BY r.rolname
        HAVING bool_or(a.privilege_type = 'INSERT')
    LOOP
        EXECUTE statement;
    END LOOP;
END $$
