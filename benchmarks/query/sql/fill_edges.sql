INSERT INTO enterprise.edges (id, kind, source_type, source, target_type, target)
SELECT hashtextextended(source || '>' || target, 0), 'client_server', 'service', source, 'service', target
FROM unnest($1::text[]) AS s(source) CROSS JOIN unnest($1::text[]) AS t(target)
ON CONFLICT DO NOTHING
