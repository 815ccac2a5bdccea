-- A login for Grafana: psql "$OTELGRES_DSN" -v login=grafana -v password='…' -f login.sql
-- Grafana does not look at the queries that its users write: what this role may not do, they may not.
CREATE ROLE :"login" LOGIN PASSWORD :'password' CONNECTION LIMIT 20 IN ROLE otelgres_grafana;
ALTER ROLE :"login" SET default_transaction_read_only = on;
ALTER ROLE :"login" SET statement_timeout = '15s';
ALTER ROLE :"login" SET idle_in_transaction_session_timeout = '30s';
