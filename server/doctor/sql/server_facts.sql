SELECT current_setting('server_version') AS version, current_setting('server_version_num')::int AS version_number,
       pg_is_in_recovery() AS is_standby
