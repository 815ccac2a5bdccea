"""The job that empties the ledger's slot of the coming hour."""

from datetime import datetime, timedelta
from functools import partial

from database import queries
from database.jobs import Report
from database.lease import Lease
from database.locks import limit_waiting, patiently

SQL = queries.load(__package__)

SLOTS = 4
KEPT = timedelta(hours=2)
# A receiver needs some seconds to spool what it has received; reports come every 30 s.
SPOOLED_WITHIN = timedelta(minutes=1)
SPOOLS_FORGOTTEN = timedelta(hours=24)


class LedgerRotation:
    """A request's digest is kept in the slot of its hour modulo four. The coming hour's slot holds the digests
    of three hours ago; it is truncated before the hour begins, so every digest lives for two hours at least.

    What is spooled may have been committed, so no slot is truncated while a spool holds requests, or has not said since
    the slot's last digest could have been spooled that it holds none. A spool unheard of for a day is past waiting for.
    """

    name = "ledger_rotation"
    interval = timedelta(seconds=60)
    timeout = timedelta(seconds=30)

    def __init__(self, lease: Lease) -> None:
        self._lease = lease

    async def run_once(self, now: datetime) -> Report:
        slot = (int(now.timestamp()) // 3600 + 1) % SLOTS
        async with self._lease.transaction() as connection:
            last = await connection.fetchval(SQL["slot_last_entry"].format(slot=slot))
            if last is None or last > now - KEPT:
                return {"truncated": None}
            spools = await connection.fetch(SQL["holding_spools"], now - SPOOLS_FORGOTTEN, last + KEPT + SPOOLED_WITHIN)
            if spools:
                return {"truncated": None, "held_by": [spool["name"] for spool in spools]}
        # Every writer reads all slots within its transaction, so the lock may take some tries.
        if not await patiently(partial(self._truncate, slot)):
            return {"truncated": None, "postponed": slot}
        return {"truncated": slot}

    async def _truncate(self, slot: int) -> None:
        async with self._lease.transaction() as connection:
            await limit_waiting(connection)
            await connection.execute(SQL["truncate_slot"].format(slot=slot))
