INSERT INTO enterprise.{leaf} SELECT * FROM arriving_points ON CONFLICT DO NOTHING
