"""Announces new log rows on the NOTIFY channel new_log, after their commit and at most every 100 ms."""

import asyncio
import json
import logging
from contextlib import suppress
from uuid import UUID

from opentelemetry.exporter.postgres.batch import NewestLog
from opentelemetry.exporter.postgres.connecting import Connection, connect
from opentelemetry.exporter.postgres.faults import FAILURES
from opentelemetry.exporter.postgres.traces import time_of

INTERVAL = 0.1
COMMAND_SECONDS = 3.0
_SESSION = {"application_name": "otelgres announcer"}
MAX_PAYLOAD = 7900
_log = logging.getLogger(__name__)


def payload_of(newest: NewestLog, count: int) -> str:
    """One JSON object; the message is cut, and marked so, where PostgreSQL would refuse the payload."""
    announcement = {
        "id": str(UUID(bytes=newest.id)),
        "timestamp": time_of(newest.timestamp).isoformat(),
        "level": newest.level,
        "logger_name": newest.logger_name,
        "message": newest.message,
        "trace_id": newest.trace_id,
        "count": count,
    }
    text = json.dumps(announcement, ensure_ascii=False)
    if len(text.encode()) > MAX_PAYLOAD:
        announcement["message"] = newest.message[:1000]
        announcement["logger_name"] = newest.logger_name[:150]
        announcement["truncated"] = True
        text = json.dumps(announcement, ensure_ascii=False)
    return text


class Announcer:
    """Sends from a connection of its own: a NOTIFY within the writers' transactions would queue them up.

    An announcement only wakes readers up, so one that cannot be sent is left out.
    """

    def __init__(self, dsn: str) -> None:
        self._dsn = dsn
        self._newest: NewestLog | None = None
        self._count = 0
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError):
                await self._task

    def announce(self, newest: NewestLog, count: int) -> None:
        """Adds committed rows to the next announcement."""
        if self._newest is None or newest.timestamp >= self._newest.timestamp:
            self._newest = newest
        self._count += count
        self._news.set()

    async def _run(self) -> None:
        connection: Connection | None = None
        try:
            while True:
                await self._news.wait()
                self._news.clear()
                newest, count = self._newest, self._count
                self._newest, self._count = None, 0
                if newest is not None:
                    try:
                        if connection is None or connection.is_closed():
                            connection = await connect(self._dsn, _SESSION, COMMAND_SECONDS)
                        await connection.execute("SELECT pg_notify('new_log', $1)", payload_of(newest, count))
                    except FAILURES as error:
                        _log.debug("announcement left out: %s", error)
                await asyncio.sleep(INTERVAL)
        finally:
            if connection is not None:
                connection.terminate()
