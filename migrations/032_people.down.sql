BEGIN;
DROP TABLE IF EXISTS enterprise.signing_keys;
DROP TABLE IF EXISTS enterprise.known_networks;
DROP TABLE IF EXISTS enterprise.sign_in_attempts;
DROP TABLE IF EXISTS enterprise.sessions;
DROP TABLE IF EXISTS enterprise.people;
COMMIT;
