SELECT EXISTS (SELECT FROM enterprise.people WHERE role = 'admin' AND disabled_at IS NULL)
