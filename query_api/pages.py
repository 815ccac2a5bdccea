"""A page of a list: what is read for it, and the answer."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from fastapi import Response

from query_api import slices
from query_api.answers import json_answer, json_array
from query_api.cursor import Cursor, next_cursor
from query_api.partial_answers import partial
from query_api.slices import Rows, Statement
from query_api.window import Window


@dataclass(frozen=True)
class Asked:
    """A page as a request asks for it."""

    window: Window
    now: datetime
    after: Cursor | None
    limit: int
    offset: int = 0

    @property
    def newest(self) -> datetime:
        """Where the page begins; what is dated ahead of now comes before that."""
        moments = (self.now, self.window.latest, self.after.moment if self.after else None)
        return min(moment for moment in moments if moment is not None)


@dataclass(frozen=True)
class Page:
    """The newest rows, each with its item as JSON text, its time and its id.

    in_slices: they were read slice by slice. searched_from: from when on, where time was up before the window was read.
    """

    rows: Rows
    in_slices: bool = False
    searched_from: datetime | None = None


async def read_page(
    connection: Any, asked: Asked, searched: str | None, statement: Callable[[Window, int], Statement]
) -> Page:
    """The page that was asked for.

    searched: the table whose rows are searched, None where they are not. statement: for a part of the window and so
    many rows of it. A page with an offset is read by one statement, since the rows left out would have to be counted.
    """
    if not asked.offset and await slices.needed(connection, searched, asked.window, asked.newest):
        return await read_in_slices(connection, asked, statement)
    text, arguments = statement(asked.window, asked.limit)
    return Page(await connection.fetch(text, *arguments))


async def read_in_slices(connection: Any, asked: Asked, statement: Callable[[Window, int], Statement]) -> Page:
    """The page that was asked for, without an offset, by as many statements as it takes."""
    rows: list[Mapping[str, Any]] = []

    def enough(found: Rows) -> bool:
        rows.extend(found)
        return len(rows) >= asked.limit

    reached = await slices.newest_first(
        connection, asked.window, asked.newest, lambda part: statement(part, asked.limit - len(rows)), enough
    )
    whole = len(rows) >= asked.limit or reached <= asked.window.earliest
    return Page(rows, True, None if whole else reached)


def page_answer(name: str, page: Page, asked: Asked, least_id: str, **more: int | None) -> Response:
    """A 200 with the rows under this name, and where to go on. least_id: no row's is less."""
    items = json_array(row["item"] for row in page.rows)
    go_on = next_cursor(page.rows, asked.limit)
    if page.searched_from is not None:
        go_on = str(Cursor.before(page.searched_from, least_id))
    rest = {**more, "limit": asked.limit, "next_cursor": go_on, **partial(page.searched_from)}
    return json_answer(f'{{"{name}":{items},{json.dumps(rest)[1:]}')
