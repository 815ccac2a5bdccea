SELECT pg_advisory_xact_lock(hashtext('otelgres.alert_file'))
