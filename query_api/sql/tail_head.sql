-- All that this transaction sees, by writer. A connection makes itself a new writer after an hour without a commit, so
-- one that is not listed commits no more, unless its machine slept.
SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint AS at, pg_current_snapshot()::text AS snapshot,
       coalesce(array_agg(writer), '{}') AS writers, coalesce(array_agg(batch), '{}') AS batches
FROM enterprise.writers
WHERE written_at > now() - interval '2 hours'
