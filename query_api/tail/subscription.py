"""One client: what it asks for, how far it is, and what waits to be sent to it."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence

from query_api.searching import Search
from query_api.tail.messages import Message, filter_in_force, skipped
from query_api.tail.position import Position

MOST_ROWS = 2000
MOST_BYTES = 4 * 1024 * 1024


class Subscription:
    """Messages for one client, bounded in number and, but for the last of them, in bytes. Logs beyond the bounds are
    counted, and told as skipped.

    resuming: there is more to come from before it; it MUST be given as much as it takes, and nothing skipped.
    position: None until the first message. changed: called when the client asks for something else or takes messages.
    taken: called with what the client takes.
    """

    def __init__(
        self,
        search: Search,
        q: str | None,
        position: Position | None,
        changed: Callable[[], None],
        taken: Callable[[Sequence[Message]], None] = lambda _: None,
    ) -> None:
        self.search = search
        self.q = q
        self.position = position
        self.resuming = position is not None
        self._asked: tuple[Search, str | None] | None = (search, q)
        self._changed = changed
        self._taken = taken
        self._messages: deque[Message] = deque()
        self._bytes = 0
        self._skipped = 0
        self._token = ""
        self._closed = False
        self._news = asyncio.Event()

    @property
    def has_room(self) -> bool:
        return len(self._messages) <= MOST_ROWS // 2 and self._bytes <= MOST_BYTES // 2

    def ask(self, search: Search, q: str | None) -> None:
        """Another filter, in force from its acknowledgement on."""
        self._asked = (search, q)
        self._changed()

    def settle(self) -> None:
        """Puts the filter in force that was asked for last. MUST be called between two reads, with a position."""
        if self._asked is not None:
            self.search, self.q = self._asked
            self._asked = None
            self.tell(filter_in_force(self.q, str(self.position)))

    def tell(self, message: Message) -> None:
        """A message that is no log; never left out. A client that asks and does not listen is given up."""
        self._tell_skipped()
        self._put(message)
        if len(self._messages) > 2 * MOST_ROWS:
            self.close()

    def offer(self, log: Message) -> bool:
        """Whether it was kept for the client; it was left out otherwise."""
        full = len(self._messages) >= MOST_ROWS or self._bytes >= MOST_BYTES
        if self._skipped or (full and not self.resuming):
            self._skipped += 1
            self._token = log.token or ""
            return False
        self._put(log)
        return True

    async def take(self) -> list[Message]:
        """All that waits, at least one message; none when the subscription has been closed."""
        while not self._messages and not self._closed:
            self._news.clear()
            await self._news.wait()
        taken = list(self._messages)
        self._messages.clear()
        self._bytes = 0
        self._tell_skipped()
        if self.resuming:
            self._changed()
        self._taken(taken)
        return taken

    def close(self) -> None:
        """Nothing comes any more; what waits can still be taken."""
        self._closed = True
        self._news.set()

    def _tell_skipped(self) -> None:
        if self._skipped:
            count, self._skipped = self._skipped, 0
            self._put(skipped(count, self._token))

    def _put(self, message: Message) -> None:
        self._messages.append(message)
        self._bytes += len(message.text)
        self._news.set()
