"""The spool of a receiver process, as the settings want it."""

import logging
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path

from opentelemetry.exporter.postgres.requests import Outcome, Request
from opentelemetry.exporter.postgres.writer import Writer
from opentelemetry.metrics import Meter

from receiver.delivery import Delivery
from receiver.disk_guard import DiskGuard
from receiver.gauges import observe_spools
from receiver.spool import Room, Spool
from receiver.spool_drain import Drain
from receiver.spool_file import SpoolUnavailable
from receiver.spool_slots import Slots
from server.settings import Settings
from server.spool_places import EMBEDDED_VARIABLE, spool_directory

_log = logging.getLogger(__name__)


@asynccontextmanager
async def delivering(
    settings: Settings,
    dsn: str,
    writer: Writer,
    environment: Mapping[str, str],
    meter: Meter,
    on_refused: Callable[[Request, Outcome], None],
) -> AsyncIterator[Delivery]:
    """Where requests go. The writer MUST be started within, and closed there too. on_refused: as Drain has it."""
    embedded = environment.get(EMBEDDED_VARIABLE)
    min_free = int(settings.min_free_bytes)
    database_guard = DiskGuard(Path(embedded or "/"), min_free if embedded else 0, "requests are put off")
    directory = spool_directory(settings, dsn, embedded is not None)
    try:
        slots = Slots(directory) if settings.spool_bytes else None
        number = slots.claim() if slots is not None else 0
    except OSError as error:
        _log.error("there is no spool, so requests are put off while the database is away: %s", error)
        slots = None
    if slots is None:
        yield Delivery(writer, None, database_guard)
        return
    with ThreadPoolExecutor(1, "spool") as thread:
        room = Room(directory, int(settings.spool_bytes), DiskGuard(directory, min_free, "nothing is spooled"))

        def spool_at(number: int) -> Spool:
            return Spool(slots.path(number), thread, room)

        spool = spool_at(number)
        try:
            await spool.open()
        except SpoolUnavailable as error:
            _log.error("the spool %s cannot be opened yet: %s", spool.path, error)
        drain = Drain(spool, slots, spool_at, writer, database_guard, on_refused)
        observe_spools(meter, lambda: drain.spools)
        drain.start()
        try:
            yield Delivery(writer, spool, database_guard)
        finally:
            await drain.close()
            await spool.close()
