"""Reads what was committed between two positions, tested against many searches at once."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from database.queries import load
from query_api.search.arguments import Arguments
from query_api.searching import Search
from query_api.tail.conditions import tests, wordy
from query_api.tail.messages import Message, new_log
from query_api.tail.position import PLAIN_SQL, Place, Position

SQL = load("query_api")

# What clients that are not slow have room for at once.
MOST_ROWS = 1000
MOST_BYTES = 1024 * 1024
ROWS_AT_ONCE = 100
NOWHERE = Place(-1, 0, "00000000-0000-0000-0000-000000000000")
ANSWER_SECONDS = 10.0
"""Longer than a statement may take: beyond it the connection is dead."""


@dataclass(frozen=True)
class Page:
    """Logs that match, in order; for each, which searches it matches. position: after the last of them."""

    logs: list[tuple[Message, list[bool]]]
    position: Position


async def read_head(connection: Any) -> Position:
    """The position of all that is committed."""
    async with asyncio.timeout(ANSWER_SECONDS):
        row = await connection.fetchrow(SQL["tail_head"])
    return Position(row["at"], row["snapshot"], dict(zip(row["writers"], row["batches"], strict=True)))


async def read_page(connection: Any, position: Position, target: Position, searches: Sequence[Search]) -> Page:
    """The first logs on the way to the target, which MUST lie before a head read earlier; bounded in rows and bytes."""
    due = list(position.due(target))
    place = position.place or NOWHERE
    arguments = Arguments(
        [
            *([each[column] for each in due] for column in range(3)),
            position.snapshot,
            target.snapshot,
            place.writer,
            place.batch,
            place.id,
            MOST_ROWS,
        ]
    )
    statement = SQL["tail_logs"].format(wordy=wordy(searches, arguments), tests=tests(searches, arguments))
    logs: list[tuple[Message, list[bool]]] = []
    size, stem = 0, ""
    before, last = position, (-1, 0)
    async with asyncio.timeout(ANSWER_SECONDS), connection.transaction(readonly=True):
        async for row in connection.cursor(statement, *arguments.values, prefetch=ROWS_AT_ONCE):
            writer, batch = row["writer"], row["batch"]
            if (writer, batch) != last:
                before, last = position.before(target, writer, batch), (writer, batch)
                stem = before.stem
            place = Place(writer, batch, row["id"], target.snapshot if writer == PLAIN_SQL else None)
            logs.append((new_log(row["item"], f"{stem}{place}"), row["matched"]))
            size += len(row["item"])
            if size >= MOST_BYTES or len(logs) == MOST_ROWS:
                return Page(logs, replace(before, place=place))
    return Page(logs, target)
