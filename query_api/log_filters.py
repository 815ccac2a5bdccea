"""What a list of logs, or their export, is narrowed by."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Depends, Query

from database.queries import load
from query_api.cursor import Cursor
from query_api.parameters import Text
from query_api.search.arguments import Arguments
from query_api.search.compiling import Found
from query_api.searching import Search, search_of_logs
from query_api.slices import Statement
from query_api.window import Window, window

SQL = load(__package__)

LoggerName = Annotated[Text, Query(description="A part of the logger's name; case matters, % and _ are themselves.")]
Words = Annotated[Text, Query(alias="search", description="English words that the message must all hold, in any form.")]


@dataclass(frozen=True)
class LogFilters:
    """Logs match when they match all that is not None."""

    window: Window
    search: Search
    level: str | None
    logger_name: str | None
    trace_id: str | None
    user_email: str | None
    words: str | None

    @property
    def searched(self) -> str | None:
        """The table in whose rows something is sought; None where columns decide."""
        return self.search.table or ("structured_logs" if self.words is not None else None)

    async def listing(self, connection: Any, after: Cursor | None, limit: int, offset: int) -> Statement:
        """The statement for a page of logs, newest first, and its arguments."""
        return self.page(await self.search.found(connection), self.window, after, limit, offset)

    def page(self, found: Found, window: Window, after: Cursor | None, limit: int, offset: int) -> Statement:
        """The same, of another window."""
        place = (after and after.time, after and after.id, limit, offset)
        return self.statement("logs_list", found, window, *place)

    def statement(self, name: str, found: Found, window: Window, *more: object) -> Statement:
        """The statement of this name over the logs of a window that match, and its arguments; more begin at $8."""
        arguments = Arguments(
            (
                window.earliest,
                window.latest,
                self.level,
                self.logger_name,
                self.trace_id,
                self.user_email,
                self.words,
                *more,
            )
        )
        matches = self.search.condition(found, arguments)
        return SQL[name].format(filters=SQL["log_filters"].format(matches=matches)), arguments.values


async def log_filters(
    window: Annotated[Window, Depends(window)],
    search: Annotated[Search, Depends(search_of_logs)],
    level: Text = None,
    logger_name: LoggerName = None,
    trace_id: Text = None,
    user_email: Text = None,
    words: Words = None,
) -> LogFilters:
    """The filters that a request asks for."""
    return LogFilters(window, search, level, logger_name, trace_id, user_email, words)
