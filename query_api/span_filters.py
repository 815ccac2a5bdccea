"""What a list of spans is narrowed by."""

from dataclasses import dataclass
from enum import Enum
from typing import Annotated

from fastapi import Depends, Query

from database.queries import load
from query_api.cursor import Cursor
from query_api.parameters import Number, Text, empty_is
from query_api.search.arguments import Arguments
from query_api.search.compiling import Found
from query_api.search.signals import KIND
from query_api.searching import Search, search_of_spans
from query_api.slices import Statement
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

    def page(self, found: Found, window: Window, after: Cursor | None, limit: int) -> Statement:
        """The statement for a page of spans within a window, newest first, and its arguments."""
        arguments = Arguments(
            (
                window.earliest,
                window.latest,
                self.service,
                self.operation,
                self.status,
                self.min_duration_ms,
                KIND.names[self.kind.value] if self.kind else None,
                after and after.time,
                after and after.id,
                limit,
            )
        )
        return SQL["spans_list"].format(matches=self.search.condition(found, arguments)), arguments.values


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
