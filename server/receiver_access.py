"""Who may send to a receiver, and who may read its metrics."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from access.keys.ring import KeyRing
from access.keys.watching import watched
from access.people.policy import Mode, Policy
from receiver.permits import Door, open_door
from server.access import people_of, takes_keys
from server.callers import Programs, key_on, no_key
from server.ingest_door import IngestDoor
from server.settings import Settings


@asynccontextmanager
async def receiver_access(settings: Settings, dsn: str) -> AsyncIterator[tuple[Door, Programs]]:
    """Both, until the end. The keys are those of the database."""
    policy = Policy(Mode(people_of(settings)))
    if not takes_keys(settings) and policy.mode is Mode.OPEN:
        yield open_door, Programs(policy, settings.admin_token, no_key)
        return
    ring = KeyRing()
    token = settings.ingest_token.get_secret_value() if settings.ingest_token else None
    async with watched(dsn, ring):
        door = IngestDoor(ring, token) if takes_keys(settings) else open_door
        yield door, Programs(policy, settings.admin_token, key_on(ring))
