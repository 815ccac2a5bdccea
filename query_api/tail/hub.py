"""Live tail of logs for all clients of a process: one connection, one reader, one query for all filters."""

import asyncio
import logging
import time
from collections.abc import Iterable, Sequence
from contextlib import aclosing, suppress

import asyncpg

from query_api.searching import Search
from query_api.tail.listening import REFUSED, UNREACHABLE, listening
from query_api.tail.messages import NEW_LOG, Message, error, restarted
from query_api.tail.observation import TailObserver, Unobserved
from query_api.tail.position import Position
from query_api.tail.reading import Page, read_head, read_logs
from query_api.tail.subscription import Subscription

MOST_CLIENTS = 100
AWAY = "The database cannot be reached at the moment; new logs follow when it is back"
FAILED = "The database could not answer this filter in time; ask for less"

INTERVAL = 0.1
"""Seconds between two rounds, at least."""
SAFETY_SECONDS = 5.0
"""An announcement may be lost, with the connection that it was to be sent over. Then logs wait for this look, which
reads one small table and is taken only while somebody watches."""
RECONNECT_AFTER = (0.1, 0.5, 2.0)
LEAVE_SECONDS = 1.0
OLDEST_US = 3600 * 1_000_000
"""How old a token may be. Partitions are kept for longer, and so are writers."""
AHEAD_US = 60 * 1_000_000
STRETCH_US = 1_000_000
"""What is caught up with is read by so much of the writers' time, so that no query sorts an hour of logs."""
TURN_SECONDS = 1.0
"""Until those at another position have theirs."""

_log = logging.getLogger(__name__)


class Refused(Exception):
    """There is no place for another client; the text is for people."""


class Tail:
    """Hands new logs to subscriptions, each exactly once, whatever the order of commits. It reads while there are any.

    An announcement only wakes it up. What is new is everything between the position of a subscription and the position
    of the reading transaction; subscriptions at the same position share one query, which tests each log against all
    their searches.
    """

    def __init__(self, dsn: str, observer: TailObserver | None = None) -> None:
        self._dsn = dsn
        self._observer = observer or Unobserved()
        # The database's clock less ours, as of the last head, in µs.
        self._ahead_us = 0.0
        self._subscriptions: set[Subscription] = set()
        self._wake = asyncio.Event()
        self._empty = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        # Two readers at once would hand out everything twice: one that is cancelled must have ended first.
        self._reading = asyncio.Lock()
        self._closing = False

    def subscribe(self, search: Search, q: str | None, position: Position | None) -> Subscription:
        """Logs from after the position on, from now on where there is none. MUST be left in the end. Raises Refused."""
        if self._closing:
            raise Refused("The server is going away")
        if len(self._subscriptions) >= MOST_CLIENTS:
            raise Refused(f"{MOST_CLIENTS} clients watch already; try again later")
        subscription = Subscription(search, q, position, self._wake.set, self._taken)
        self._subscriptions.add(subscription)
        self._observer.watching(len(self._subscriptions))
        self._empty.clear()
        self._wake.set()
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._run())
        return subscription

    def leave(self, subscription: Subscription) -> None:
        """With the last one the connection goes, and what it reads is cancelled."""
        self._subscriptions.discard(subscription)
        self._observer.watching(len(self._subscriptions))
        if not self._subscriptions:
            self._empty.set()
            if self._task is not None:
                self._task.cancel()
                self._task = None

    async def close(self) -> None:
        """Ends all subscriptions, and waits a moment for their clients to be told."""
        self._closing = True
        for subscription in self._subscriptions:
            subscription.close()
        if self._subscriptions:
            with suppress(TimeoutError):
                async with asyncio.timeout(LEAVE_SECONDS):
                    await self._empty.wait()

    @property
    def closing(self) -> bool:
        return self._closing

    async def _run(self) -> None:
        async with self._reading:
            await self._read()

    async def _read(self) -> None:
        failures = 0
        while self._task is asyncio.current_task():
            try:
                async with listening(self._dsn, self._wake.set) as connection:
                    while self._task is asyncio.current_task():
                        await self._round(connection)
                        failures = 0
            except UNREACHABLE as failure:
                failures += 1
                if failures == 2:
                    self._tell_away(failure)
                await asyncio.sleep(RECONNECT_AFTER[min(failures, len(RECONNECT_AFTER)) - 1])
            except Exception:  # noqa: BLE001 - clients must not wait for a reader that is gone
                _log.exception("live tail failed; its clients are let go")
                for subscription in self._subscriptions:
                    subscription.close()
                return

    def _taken(self, messages: Sequence[Message]) -> None:
        logs = [message for message in messages if message.kind == NEW_LOG]
        if logs:
            began = logs[0].written_us
            now_us = time.monotonic() * 1_000_000 + self._ahead_us
            self._observer.delivered(len(logs), None if began is None else max(now_us - began, 0.0) / 1_000_000)

    def _tell_away(self, failure: BaseException) -> None:
        _log.warning("live tail waits for the database: %s", failure)
        for subscription in self._subscriptions:
            subscription.tell(error(AWAY))

    async def _round(self, connection: asyncpg.Connection) -> None:
        """Brings everybody to the newest, then waits until there is more."""
        self._wake.clear()
        began = time.monotonic()
        head = await read_head(connection)
        self._ahead_us = head.at - time.monotonic() * 1_000_000
        for subscription in self._subscriptions:
            _settle(subscription, head)
        more = False
        for group in _groups(self._subscriptions):
            more = await _advance(connection, group, head, self._observer) or more
        elapsed = time.monotonic() - began
        await asyncio.sleep(0 if more else max(INTERVAL - elapsed, 0))
        if not more:
            with suppress(TimeoutError):
                async with asyncio.timeout(SAFETY_SECONDS):
                    await self._wake.wait()


def _settle(subscription: Subscription, head: Position) -> None:
    """Gives it a position from which it can be read for, and the filter that it asked for."""
    position = subscription.position
    if position is None:
        subscription.position = head
    elif not head.at - OLDEST_US < position.at < head.at + AHEAD_US or not position.is_of(head):
        subscription.position = head
        subscription.resuming = False
        subscription.tell(restarted(str(head)))
    subscription.settle()


def _groups(subscriptions: Iterable[Subscription]) -> list[list[Subscription]]:
    """Those that are at the same position, which is one object for all who have reached the newest. One that resumes
    waits for its client, so it is no company for others."""
    groups: dict[tuple[int, bool], list[Subscription]] = {}
    for subscription in subscriptions:
        groups.setdefault((id(subscription.position), subscription.resuming), []).append(subscription)
    return list(groups.values())


async def _advance(
    connection: asyncpg.Connection, group: list[Subscription], head: Position, observer: TailObserver
) -> bool:
    """Reads for subscriptions at one position. Whether there is more that they could take now."""
    searches = {subscription.q: subscription.search for subscription in group}
    stretch = STRETCH_US
    deadline = time.monotonic() + TURN_SECONDS
    while time.monotonic() < deadline:
        position = group[0].position
        assert position is not None
        if position is head:
            for subscription in group:
                subscription.resuming = False
            return False
        if group[0].resuming and not group[0].has_room:
            return False
        target = position.towards(head, stretch)
        empty = True
        try:
            async with aclosing(read_logs(connection, position, target, list(searches.values()))) as pages:
                async for page in pages:
                    empty = empty and not page.logs
                    observer.read(len(page.logs))
                    observer.skipped(_hand_out(page, group, list(searches)))
                    if group[0].resuming and not group[0].has_room:
                        return False
        except REFUSED as refusal:
            return await _advance_apart(connection, group, head, observer, refusal)
        stretch = 2 * stretch if empty else STRETCH_US
    return True


async def _advance_apart(
    connection: asyncpg.Connection,
    group: list[Subscription],
    head: Position,
    observer: TailObserver,
    refusal: Exception,
) -> bool:
    """After a query that failed: each filter by itself, so that one stops no other. The one that fails is let go."""
    by_filter: dict[str | None, list[Subscription]] = {}
    for subscription in group:
        by_filter.setdefault(subscription.q, []).append(subscription)
    if len(by_filter) == 1:
        _log.warning("live tail lets a filter go: %s", refusal)
        for subscription in group:
            subscription.position = head
            subscription.tell(error(FAILED))
            subscription.close()
        return False
    outcomes = [await _advance(connection, same, head, observer) for same in by_filter.values()]
    return any(outcomes)


def _hand_out(page: Page, group: Iterable[Subscription], order: Sequence[str | None]) -> int:
    """How many logs were left out of what their clients get."""
    skipped = 0
    for subscription in group:
        place = order.index(subscription.q)
        for log, matched in page.logs:
            if matched[place]:
                skipped += not subscription.offer(log)
        subscription.position = page.position
    return skipped
