"""What a list of spans is narrowed by."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Annotated, Any

from fastapi import Depends, Query

from database.queries import load
from query_api.cursor import Cursor
from query_api.parameters import Number, Text, empty_is
from query_api.search.arguments import Arguments
from query_api.search.signals import KIND
from query_api.searching import Search, search_of_spans
from query_api.slices import newest_first
from query_api.window import Window, window

SQL = load(__package__)


class SpanKind(Enum):
    UNSPECIFIED = "unspecified"
    INTERNAL = "internal"
    SERVER = "server"
    CLIENT = "client"
    PRODUCER = "producer"
    CONSUMER = "consumer"


Kind = Annotated[SpanKind | None, empty_is(None), Query()]


@dataclass(frozen=True)
class SpanFilters:
    """Spans match when they match all that is not None."""

    window: Window
    search: Search
    service: str | None
    operation: str | None
    status: str | None
    min_duration_ms: float | None
    kind: SpanKind | None

    async def newest(self, connection: Any, after: Cursor | None, now: datetime, limit: int) -> list[Mapping[str, str]]:
        """The rows of a page, newest first, slice by slice: no index keeps spans in the order of time."""
        fixed = (
            self.service,
            self.operation,
            self.status,
            self.min_duration_ms,
            KIND.names[self.kind.value] if self.kind else None,
            after and after.time,
            after and after.id,
        )
        searched = Arguments((self.window.earliest, self.window.latest, *fixed, limit))
        own = len(searched.values)
        statement = SQL["spans_list"].format(
            matches=self.search.condition(await self.search.found(connection), searched)
        )
        rows: list[Mapping[str, str]] = []
        for part in newest_first(self.window, self._begin(after, now)):
            missing = limit - len(rows)
            if not missing:
                break
            rows += await connection.fetch(
                statement, part.earliest, part.latest, *fixed, missing, *searched.values[own:]
            )
        return rows

    def _begin(self, after: Cursor | None, now: datetime) -> datetime:
        """Where the newest rows are supposed to be."""
        if after is not None:
            with suppress(ValueError):
                return datetime.fromisoformat(after.time)
        return self.window.latest or now


async def span_filters(
    window: Annotated[Window, Depends(window)],
    search: Annotated[Search, Depends(search_of_spans)],
    service: Text = None,
    operation: Text = None,
    status: Text = None,
    min_duration_ms: Number = None,
    kind: Kind = None,
) -> SpanFilters:
    """The filters that a request asks for."""
    return SpanFilters(window, search, service, operation, status, min_duration_ms, kind)
