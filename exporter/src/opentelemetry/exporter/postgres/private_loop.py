"""An event loop that serves one thread of a program that is not ours."""

import asyncio
import socket
from typing import Any


class PrivateLoop(asyncio.SelectorEventLoop):
    """An event loop that works while the interpreter exits, and that a forked child can leave alone."""

    _disowned = False

    async def getaddrinfo(self, host: Any, port: Any, **options: Any) -> Any:
        """Blocks the loop: the threads that asyncio uses for this cannot be had any more when the interpreter exits."""
        return socket.getaddrinfo(host, port, **options)

    def is_closed(self) -> bool:
        return self._disowned or super().is_closed()

    def disown(self, *belongings: object) -> None:
        """In a forked child: keeps whatever belongs to the loop from being ended.

        The child shares the parent's selector: a connection that was closed here would be deaf over there.
        """
        self._disowned = True
        self._belongings = belongings
        self.set_exception_handler(lambda *_: None)
