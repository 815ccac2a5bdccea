"""What a list of traces is narrowed by."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends

from database.queries import load
from query_api.cursor import Cursor
from query_api.parameters import Number, Text
from query_api.search.arguments import Arguments
from query_api.search.compiling import Found
from query_api.searching import EVERYTHING, Search, search_of_traces
from query_api.slices import Statement
from query_api.window import Window, window

SQL = load(__package__)


@dataclass(frozen=True)
class TraceFilters:
    """Traces match when they match all that is not None."""

    window: Window
    search: Search
    status: str | None
    user_email: str | None
    min_duration_ms: float | None

    def page(self, found: Found, window: Window, after: Cursor | None, limit: int, offset: int) -> Statement:
        """The statement for a page of traces within a window, newest first, and its arguments."""
        arguments = self._arguments(window, after, limit, offset)
        return self._statement("traces_list", self.search.condition(found, arguments)), arguments.values

    def named(self, ids: list[str], limit: int) -> Statement:
        """The statement for those of these traces, newest first."""
        arguments = self._arguments(self.window, None, limit, 0)
        matches = f"trace.trace_id = ANY ({arguments.add(ids, 'varchar[]')})"
        return self._statement("traces_list", matches), arguments.values

    def count(self, found: Found) -> Statement:
        """The statement that counts all that match."""
        arguments = Arguments(self._values(self.window))
        return self._statement("traces_count", self.search.condition(found, arguments)), arguments.values

    def probing(
        self, found: Found, after: Cursor | None, limit: int, most_traces: int, most_spans: int
    ) -> Statement | None:
        """The statement that looks into the newest traces that may match, one after the other; None where nothing is
        sought in spans, or nothing narrows which may match."""
        arguments = self._arguments(self.window, after, limit, most_traces, most_spans)
        conditions = self.search.probing(found, arguments)
        if conditions is None:
            return None
        narrowing, matches = conditions
        if narrowing == EVERYTHING and (self.status, self.user_email, self.min_duration_ms) == (None, None, None):
            return None
        return self._statement("traces_probed", narrowing, of_spans=matches), arguments.values

    def _arguments(self, window: Window, after: Cursor | None, *more: int) -> Arguments:
        return Arguments((*self._values(window), after and after.time, after and after.id, *more))

    def _values(self, window: Window) -> tuple[object, ...]:
        return window.earliest, window.latest, self.status, self.user_email, self.min_duration_ms

    def _statement(self, name: str, matches: str, **more: str) -> str:
        return SQL[name].format(filters=SQL["trace_filters"].format(matches=matches), **more)


async def trace_filters(
    window: Annotated[Window, Depends(window)],
    search: Annotated[Search, Depends(search_of_traces)],
    status: Text = None,
    user_email: Text = None,
    min_duration_ms: Number = None,
) -> TraceFilters:
    """The filters that a request asks for."""
    return TraceFilters(window, search, status, user_email, min_duration_ms)
