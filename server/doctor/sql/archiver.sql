SELECT current_setting('archive_mode') AS mode, last_archived_time, last_failed_time, last_failed_wal
FROM pg_stat_archiver
