SELECT slot, coalesce(pg_stat_get_live_tuples(to_regclass(format('enterprise.ingest_batches_%s', slot))), 0) AS rows
FROM generate_series(0, 3) AS slot
