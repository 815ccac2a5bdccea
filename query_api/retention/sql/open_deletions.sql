SELECT count(*) FROM enterprise.deletions WHERE state IN ('counting', 'counted', 'deleting')
