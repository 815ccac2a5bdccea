"""Keys of senders and scripts: made, revoked, and known to every process without asking the database."""
