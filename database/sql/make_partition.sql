CREATE TABLE enterprise.{child} PARTITION OF enterprise.{parent} FOR VALUES FROM ('{lower}') TO ('{upper}')
    WITH (autovacuum_vacuum_insert_threshold = 50000, autovacuum_vacuum_insert_scale_factor = 0.1,
          autovacuum_analyze_threshold = 10000, autovacuum_freeze_min_age = 0);
