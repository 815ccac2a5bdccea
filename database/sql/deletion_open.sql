SELECT id FROM enterprise.deletions WHERE state IN ('counting', 'deleting') ORDER BY id
