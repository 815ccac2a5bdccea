"""Reads what was committed between two positions, tested against many searches at once."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from database.queries import load
from query_api.search.arguments import Arguments
from query_api.searching import Search
from query_api.tail.conditions import tests, wordy
from query_api.tail.messages import Message, new_log
from query_api.tail.position import PLAIN_SQL, Place, Position

SQL = load("query_api")

# A page is what clients that are not slow have room for at once. Its bytes are known when it is there, so the next one
# is measured by them.
FIRST_ROWS = 20
MOST_ROWS = 1000
MOST_BYTES = 1024 * 1024
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


async def read_logs(
    connection: Any, position: Position, target: Position, searches: Sequence[Search]
) -> AsyncGenerator[Page, None]:
    """All logs on the way to the target, which MUST lie before a head read earlier; the last page is at the target."""
    due = list(position.due(target))
    begun = position.place or NOWHERE
    arguments = Arguments(
        [
            *([each[column] for each in due] for column in range(3)),
            position.snapshot,
            target.snapshot,
            begun.writer,
            begun.batch,
            begun.id,
        ]
    )
    statement = SQL["tail_logs"].format(wordy=wordy(searches, arguments), tests=tests(searches, arguments))
    count = FIRST_ROWS
    before, last, stem = position, (-1, 0), ""
    async with asyncio.timeout(ANSWER_SECONDS), connection.transaction(readonly=True):
        reader = await connection.cursor(statement, *arguments.values)
        while rows := await reader.fetch(count):
            logs = []
            for row in rows:
                writer, batch = row["writer"], row["batch"]
                if (writer, batch) != last:
                    before, last = position.before(target, writer, batch), (writer, batch)
                    stem = before.stem
                by_hand = writer == PLAIN_SQL
                place = Place(writer, batch, row["id"], target.snapshot if by_hand else None)
                logs.append((new_log(row["item"], f"{stem}{place}", None if by_hand else batch), row["matched"]))
            yield Page(logs, replace(before, place=place))
            count = _rows_of(MOST_BYTES, rows)
    yield Page([], target)


def _rows_of(size: int, rows: Sequence[Mapping[str, str]]) -> int:
    """How many rows, as large as these, make the size."""
    average = sum(len(row["item"]) for row in rows) // len(rows)
    return max(1, min(size // average, MOST_ROWS))
