SELECT coalesce(pg_relation_size(to_regclass('enterprise.' || $1)) / current_setting('block_size')::bigint, 0)
