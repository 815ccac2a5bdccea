SELECT name, holder, expires_at > clock_timestamp() AS in_time FROM enterprise.leases
