SELECT true FROM enterprise.leases WHERE name = $1 AND holder = $2 AND epoch = $3 FOR SHARE
