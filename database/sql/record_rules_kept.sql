INSERT INTO enterprise.retention_rules_kept (rule, child, inserted)
SELECT id, $2, $3 FROM enterprise.retention_rules WHERE id = ANY ($1::bigint[])
ON CONFLICT (rule, child) DO UPDATE SET inserted = excluded.inserted
