SELECT count(*)
FROM enterprise.people
WHERE role = 'admin' AND disabled_at IS NULL AND email <> $1
