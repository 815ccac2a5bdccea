INSERT INTO enterprise.retention_floors (parent, kept_from) VALUES ($1, $2)
ON CONFLICT (parent) DO UPDATE SET kept_from = greatest(retention_floors.kept_from, excluded.kept_from)
