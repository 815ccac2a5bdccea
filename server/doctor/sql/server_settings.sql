SELECT name,
       CASE WHEN unit IN ('B', 'kB', '8kB', 'MB') THEN pg_size_bytes(current_setting(name))::text
            WHEN unit = 's' THEN (setting::bigint * 1000)::text
            ELSE setting END AS value
FROM pg_settings
WHERE name = ANY ($1::text[])
