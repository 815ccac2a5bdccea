"""Brings the receiver's ingest report into the database, over a connection that is not the writers'."""

import asyncio
import logging
import time

import asyncpg

from database import ingest_report
from database.ingest_report import ReportLine
from database.pool import connect
from receiver.ingest_report import Line, Place
from receiver.telemetry import Telemetry

INTERVAL_SECONDS = 5.0
STORE_SECONDS = 5.0
LAST_SECONDS = 2.0
_log = logging.getLogger(__name__)


class IngestReporting:
    """Stores what was reported every few seconds. What cannot be stored is kept for the next time, within the
    report's bound; lines whose commit was not answered MAY count twice."""

    def __init__(self, dsn: str, telemetry: Telemetry) -> None:
        self._dsn = dsn
        self._telemetry = telemetry
        self._connection: asyncpg.Connection | None = None
        self._failing = False
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """Stores the rest, if the database takes it at once."""
        self._task.cancel()
        await asyncio.wait([self._task])
        await self._store(LAST_SECONDS)
        self._disconnect()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL_SECONDS)
            self._telemetry.refusal_log.tick(time.monotonic())
            await self._store(STORE_SECONDS)

    async def _store(self, seconds: float) -> None:
        report = self._telemetry.report
        lines = report.take()
        if not lines:
            return
        try:
            async with asyncio.timeout(seconds):
                await ingest_report.add(await self._connected(), [_row(*line) for line in lines])
        except Exception as error:  # noqa: BLE001 - whatever it is, the next round tries again
            report.give_back(lines)
            self._disconnect()
            self._tell(error)
        except asyncio.CancelledError:
            report.give_back(lines)
            self._disconnect()
            raise
        else:
            self._tell(None)

    async def _connected(self) -> asyncpg.Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._dsn)
        return self._connection

    def _disconnect(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None

    def _tell(self, error: Exception | None) -> None:
        """One line when storing begins to fail and one when it works again."""
        if error is not None and not self._failing:
            _log.warning("the ingest report waits for the database: %s", str(error) or type(error).__name__)
        elif error is None and self._failing:
            _log.warning("the ingest report is stored again")
        self._failing = error is not None


def _row(place: Place, line: Line) -> ReportLine:
    return ReportLine(
        place.minute,
        place.signal,
        place.transport,
        place.service,
        place.kind,
        place.reason,
        line.requests,
        line.items,
        dict(line.sample),
        line.first_seen,
        line.last_seen,
    )
