"""An event loop that serves one thread of a program that is not ours."""

import asyncio
import socket
from typing import Any


class PrivateLoop(asyncio.SelectorEventLoop):
    """An event loop that also looks names up while the interpreter exits.

    asyncio asks a pool of threads for that, which takes no work any more by then; this one blocks.
    """

    async def getaddrinfo(self, host: Any, port: Any, **options: Any) -> Any:
        return socket.getaddrinfo(host, port, **options)
