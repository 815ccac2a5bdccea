INSERT INTO enterprise.sealed_partitions (child) VALUES ($1) ON CONFLICT DO NOTHING
