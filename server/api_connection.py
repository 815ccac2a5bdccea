"""One HTTP connection of the API: how long a request may take to come, head and body."""

import asyncio
from typing import Any

from server.http_head import BoundedHead

BODY_SECONDS = 60.0


class ApiConnection(BoundedHead):
    """A body that is not there within BODY_SECONDS ends the connection, however steadily it comes."""

    def __init__(self, *arguments: Any, **named: Any) -> None:
        super().__init__(*arguments, **named)
        self._body_timer: asyncio.TimerHandle | None = None

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_body_timer()
        super().connection_lost(exc)

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._body_timer = self.loop.call_later(BODY_SECONDS, self.transport.close)

    def on_message_complete(self) -> None:
        self._stop_body_timer()
        super().on_message_complete()

    def _stop_body_timer(self) -> None:
        if self._body_timer is not None:
            self._body_timer.cancel()
            self._body_timer = None
