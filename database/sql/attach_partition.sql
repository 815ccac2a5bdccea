ALTER TABLE enterprise.{parent} ATTACH PARTITION enterprise.{child} FOR VALUES FROM ('{lower}') TO ('{upper}')
