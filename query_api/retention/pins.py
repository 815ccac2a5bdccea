"""Traces that stay with their spans and logs when their time is over."""

from datetime import timedelta
from typing import Any

from access import audit
from access.audit import By
from database.queries import load

SQL = load(__package__)

MOST_PINS = 1_000
# They are copied while their table is locked, all those of one partition at once.
MOST_ROWS = 100_000
PADDING = timedelta(minutes=5)


class UnknownTrace(Exception):
    """There is no such trace."""


class TooMuch(Exception):
    """With this trace there would be more than MOST_PINS, or MOST_ROWS in all of them."""


async def pin(connection: Any, trace_id: str, why: str, by: By) -> dict[str, Any]:
    """The pin; one that is there already stays as it is. Raises UnknownTrace and TooMuch.

    The connection MUST be in a transaction.
    """
    await connection.execute(SQL["lock_pins"])
    found = await connection.fetchrow(SQL["pin_of"], trace_id)
    if found is not None:
        return dict(found)
    # Before the pin is there: until the transaction ends, these locks keep the retention from dropping the rows.
    rows = await connection.fetchval(SQL["rows_of_trace"], trace_id, PADDING)
    if rows is None:
        raise UnknownTrace
    pins, held = await connection.fetchrow(SQL["pins_taken"])
    if pins >= MOST_PINS or held + rows > MOST_ROWS:
        raise TooMuch
    pinned = await connection.fetchrow(SQL["add_pin"], trace_id, rows, why, by.actor)
    await audit.write(
        connection, actor=by.actor, action="trace.pinned", subject=trace_id, detail={"why": why}, client=by.client
    )
    return dict(pinned)


async def unpin(connection: Any, trace_id: str, by: By) -> dict[str, Any] | None:
    """The pin that was there, or None. What is past its time goes with the next run of the retention.

    The connection MUST be in a transaction.
    """
    gone = await connection.fetchrow(SQL["delete_pin"], trace_id)
    if gone is None:
        return None
    await audit.write(
        connection, actor=by.actor, action="trace.unpinned", subject=trace_id, detail={}, client=by.client
    )
    return dict(gone)


async def pins(connection: Any) -> list[dict[str, Any]]:
    """All of them, the newest first."""
    return [dict(row) for row in await connection.fetch(SQL["pins"])]
