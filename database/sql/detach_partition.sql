-- The new name makes a writer that still believes in the partition fail and look again, instead of writing into a table
-- that is about to be dropped.
ALTER TABLE enterprise.{parent} DETACH PARTITION enterprise.{child};
ALTER TABLE enterprise.{child} RENAME TO {child}_dropped;
DELETE FROM enterprise.sealed_partitions WHERE child = '{child}';
