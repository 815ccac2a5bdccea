-- The groups that others are granted keep them: writers announce what is new, and their pools take locks.
SELECT format('REVOKE EXECUTE ON FUNCTION %1$s FROM PUBLIC; GRANT EXECUTE ON FUNCTION %1$s TO otelgres_reader, otelgres_writer',
              p.oid::regprocedure)
FROM pg_proc AS p
WHERE p.oid IN ({restricted})
  AND EXISTS (SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) WHERE grantee = 0)
