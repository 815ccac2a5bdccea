-- Why this session's role is not one to run what people wrote by; no row where it is.
SELECT 'it may do more than read' AS problem,
       format('ALTER ROLE %I NOSUPERUSER NOCREATEROLE NOCREATEDB NOREPLICATION NOBYPASSRLS', rolname) AS remedy
FROM pg_roles
WHERE rolname = current_user AND (rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls)
UNION ALL
SELECT format('it is a member of %s', string_agg(rolname, ', ' ORDER BY rolname)),
       format('REVOKE %s FROM %I', string_agg(quote_ident(rolname), ', ' ORDER BY rolname), current_user)
FROM pg_roles
WHERE rolname <> current_user AND pg_has_role(oid, 'MEMBER')
  AND (rolsuper OR rolcreaterole OR rolname IN (
      'otelgres_writer', 'pg_write_all_data', 'pg_execute_server_program', 'pg_read_server_files',
      'pg_write_server_files', 'pg_signal_backend', 'pg_checkpoint', 'pg_maintain', 'pg_create_subscription'))
HAVING count(*) > 0
UNION ALL
SELECT format('it may change %s', min(relation.name)),
       format('REVOKE INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER ON %s FROM %I, PUBLIC',
              string_agg(relation.name, ', ' ORDER BY relation.name), current_user)
FROM (SELECT oid::regclass::text AS name
      FROM pg_class
      WHERE relkind IN ('r', 'p', 'v', 'f') AND NOT relispartition
        AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema')
        AND has_table_privilege(oid, 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')) AS relation
HAVING count(*) > 0
UNION ALL
SELECT format('it may read %s', min(secret.name)),
       format('REVOKE ALL ON %s FROM %I, PUBLIC', string_agg(secret.name, ', ' ORDER BY secret.name), current_user)
FROM (SELECT 'enterprise.' || table_name AS name
      FROM unnest(ARRAY['access_keys', 'alert_channel_secrets', 'people', 'sessions', 'sign_in_attempts',
                        'signing_keys']) AS table_name
      WHERE has_schema_privilege(to_regnamespace('enterprise'), 'USAGE')
        AND has_table_privilege(to_regclass('enterprise.' || table_name), 'SELECT')) AS secret
HAVING count(*) > 0
UNION ALL
SELECT format('it may call %s, which does more than read', min(function.name)),
       format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', string_agg(function.name, ', ' ORDER BY function.name))
FROM (SELECT p.oid::regprocedure::text AS name
      FROM pg_proc AS p
      JOIN pg_language AS l ON l.oid = p.prolang
      LEFT JOIN pg_depend AS d ON d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'e'
      LEFT JOIN pg_extension AS e ON d.refclassid = 'pg_extension'::regclass AND e.oid = d.refobjid
      WHERE (p.oid IN ({restricted})
             -- With the rights of another; a trigger's function cannot be called.
             OR p.prosecdef AND p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype)
             OR NOT l.lanpltrusted AND l.lanname NOT IN ('internal', 'c')
             OR e.extname IN ('dblink', 'adminpack', 'http', 'pg_net', 'pg_cron', 'pg_background'))
        AND has_schema_privilege(p.pronamespace, 'USAGE')
        AND has_function_privilege(p.oid, 'EXECUTE')) AS function
HAVING count(*) > 0
