SELECT pg_advisory_xact_lock(hashtextextended('otelgres migrations', 0))
