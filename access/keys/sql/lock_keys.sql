SELECT pg_advisory_xact_lock(hashtext('enterprise.access_keys'))
