SELECT pg_advisory_xact_lock(hashtextextended('otelgres partitions', 0))
