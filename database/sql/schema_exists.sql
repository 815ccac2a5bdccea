SELECT to_regnamespace('enterprise') IS NOT NULL
