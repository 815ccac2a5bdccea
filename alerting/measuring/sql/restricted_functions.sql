-- What a SELECT can do besides reading, also in a read-only transaction.
SELECT oid
FROM pg_proc
WHERE pronamespace = 'pg_catalog'::regnamespace
  AND (proname ~ '^pg_(try_)?advisory_(xact_)?lock'
       OR proname ~ '^(lo_|loread$|lowrite$|pg_sleep|pg_ls_|pg_read_|pg_file_)'
       OR proname IN ('pg_notify', 'pg_logical_emit_message', 'pg_cancel_backend', 'pg_terminate_backend', 'pg_stat_file',
                      'pg_reload_conf', 'pg_rotate_logfile', 'pg_switch_wal', 'pg_create_restore_point'))
