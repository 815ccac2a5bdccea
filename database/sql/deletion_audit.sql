INSERT INTO enterprise.access_audit (actor, action, subject, detail) VALUES ('otelgres', 'deletion.done', $1::text, $2)
