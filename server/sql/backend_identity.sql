SELECT pg_backend_pid() AS pid, current_setting('server_version_num')::int AS version_number,
       current_setting('server_version') AS version
