"""Writes what was spooled into the database once that is back, oldest first."""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from functools import partial

from opentelemetry.exporter.postgres import spools
from opentelemetry.exporter.postgres.batch import Batch
from opentelemetry.exporter.postgres.committer import Committer
from opentelemetry.exporter.postgres.faults import FAILURES, Fault, fault_of, reason_of
from opentelemetry.exporter.postgres.requests import Decoder, Outcome, Request
from opentelemetry.exporter.postgres.writer import Writer

from receiver.disk_guard import DiskGuard
from receiver.spool import Spool
from receiver.spool_file import SpoolUnavailable
from receiver.spool_rows import Entry
from receiver.spool_slots import Slots

GROUP_BYTES = 4 << 20
PROBE_SECONDS = 1.0
SETUP_SECONDS = 5.0
"""While a person has to change something."""
REPORT_SECONDS = 30.0
ADOPT_SECONDS = 30.0
MAX_FAILURES = 3
PUT_OFF_SECONDS = 600.0
_log = logging.getLogger(__name__)


class Drain:
    """Empties the spool of this process, and those that ended processes left behind, over a connection of its own.

    While the database is away it is the probe that finds it again. What it reports of the spools keeps the ledger from
    forgetting their digests. A request leaves the spool only after its commit; one that cannot be written for its own
    sake is put off, so that it holds up no other. on_refused: told of requests of which PostgreSQL refused items.
    """

    def __init__(
        self,
        own: Spool,
        slots: Slots,
        spool_at: Callable[[int], Spool],
        writer: Writer,
        guard: DiskGuard,
        on_refused: Callable[[Request, Outcome], None],
    ) -> None:
        self._own = own
        self._slots = slots
        self._spool_at = spool_at
        self._adopted: dict[int, Spool] = {}
        self._writer = writer
        self._guard = guard
        self._on_refused = on_refused
        self._committer: Committer = writer.committer_apart()
        self._decoder = Decoder(pause=partial(time.sleep, 0))
        self._task: asyncio.Task[None] | None = None
        self._reported: dict[str, tuple[bool, float]] = {}
        self._adopted_at = float("-inf")
        self._failures = 0
        self._one_by_one = 0
        self._drained = 0

    @property
    def spools(self) -> tuple[Spool, ...]:
        """All that are being emptied."""
        return (self._own, *self._adopted.values())

    def start(self) -> None:
        self._task = asyncio.create_task(self._run())

    async def close(self) -> None:
        """What was under way is written again from the spool, by whoever has it next."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])
        for number, spool in self._adopted.items():
            await spool.close()
            self._slots.release(number)
        if self._writer.availability and not self._own.rows:
            await self._forget(self._own)
        await self._committer.disconnect()

    async def _forget(self, spool: Spool) -> None:
        """Raises nothing: a report that stays behind only keeps the ledger longer."""
        try:
            await spools.forget(self._committer, spool.name)
            self._reported.pop(spool.name, None)
        except FAILURES as error:
            _log.debug("the spool %s is still listed: %s", spool.name, reason_of(error))

    async def _run(self) -> None:
        while True:
            try:
                pause = await self._turn()
            except SpoolUnavailable as error:
                _log.warning("spooled requests cannot be read: %s", error)
                pause = PROBE_SECONDS
            except Exception:  # noqa: BLE001 - what is in the spool must not wait for a restart
                _log.exception("the spool was not drained")
                pause = PROBE_SECONDS
            await asyncio.sleep(pause)

    async def _turn(self) -> float:
        """One probe, report or group; the seconds until the next turn."""
        await self._adopt()
        failure = await self._report()
        if failure is not None:
            return SETUP_SECONDS if fault_of(failure, connected=False) is Fault.SETUP else PROBE_SECONDS
        found = await self._next_group()
        if found is None:
            if not self._writer.availability:
                # All spools were reported just now.
                self._writer.availability.committed()
            await self._let_go()
            return PROBE_SECONDS
        if not self._guard.has_room:
            return PROBE_SECONDS
        began = time.monotonic()
        if not await self._write(*found):
            return PROBE_SECONDS
        return 0.0 if self._writer.is_idle else time.monotonic() - began

    async def _next_group(self) -> tuple[Spool, list[Entry]] | None:
        """None where nothing is due."""
        max_bytes = 0 if self._one_by_one else GROUP_BYTES
        for spool in (*self._adopted.values(), self._own):
            if spool.rows and (entries := await spool.next_group(max_bytes)):
                return spool, entries
        return None

    async def _adopt(self) -> None:
        now = time.monotonic()
        if now - self._adopted_at < ADOPT_SECONDS:
            return
        self._adopted_at = now
        for number in self._slots.adopt():
            spool = self._spool_at(number)
            try:
                await spool.open()
            except SpoolUnavailable:
                self._slots.release(number)
                raise
            self._adopted[number] = spool
            _log.warning("spool %s was left behind with %d requests", spool.path, spool.rows)

    async def _let_go(self) -> None:
        """Gives adopted spools back that are empty now."""
        for number, spool in [*self._adopted.items()]:
            if not spool.rows:
                await self._forget(spool)
                await spool.close()
                del self._adopted[number]
                self._slots.release(number)

    async def _report(self) -> Exception | None:
        """Reports spools where that is due, and all of them while the database is away; why it still is, if so."""
        now = time.monotonic()
        away = not self._writer.availability
        for spool in self.spools:
            empty, at = self._reported.get(spool.name, (False, float("-inf")))
            if not away and empty == (not spool.waiting) and now - at < REPORT_SECONDS:
                continue
            oldest = await spool.oldest_received_ns()
            try:
                await spools.report(self._committer, spool.name, oldest)
            except FAILURES as error:
                _log.debug("the database is still away: %s", reason_of(error))
                return error
            self._reported[spool.name] = oldest is None, now
        return None

    async def _write(self, spool: Spool, entries: Sequence[Entry]) -> bool:
        """Commits a group and removes it from the spool; False if the next turn should wait a little."""
        try:
            batches = await asyncio.to_thread(self._decode, entries)
        except Exception as error:  # noqa: BLE001 - whatever it is, it lies in one of these requests
            return await self._isolate(spool, entries, error)
        group = [
            Request(entry.signal, entry.body, entry.received_ns, batch, entry.digest, refusals=entry.refusals)
            for entry, batch in zip(entries, batches, strict=True)
        ]
        failure = await self._committer.store(group, patient=False)
        if failure is not None:
            return await self._failed(spool, entries, failure)
        self._failures = 0
        self._one_by_one = max(self._one_by_one - len(entries), 0)
        self._writer.availability.committed()
        self._tell_refused(group)
        await spool.remove([entry.digest for entry in entries])
        self._drained += len(entries)
        if not spool.rows:
            _log.warning("the spool %s is empty again; %d requests were written", spool.path, self._drained)
            self._drained = 0
        return True

    def _decode(self, entries: Sequence[Entry]) -> list[Batch]:
        """The batches as they were when the requests were accepted."""
        batches = []
        for entry in entries:
            batch = self._decoder.decode(entry.signal, entry.body, entry.received_ns)
            for refusal in entry.refusals:
                batch.items += 1
                batch.reject(refusal)
            batches.append(batch)
        return batches

    async def _failed(self, spool: Spool, entries: Sequence[Entry], failure: Exception) -> bool:
        """Tries again, unless it may be for the sake of one of the requests again and again."""
        _log.debug("%d spooled requests were not written: %s", len(entries), reason_of(failure))
        if self._committer.fault not in (Fault.DATA, Fault.UNKNOWN):
            return False
        self._failures += 1
        if self._failures < MAX_FAILURES:
            return False
        self._failures = 0
        return await self._isolate(spool, entries, failure)

    async def _isolate(self, spool: Spool, entries: Sequence[Entry], failure: Exception) -> bool:
        """Has each of several requests tried alone; puts off one that is alone."""
        if len(entries) > 1:
            self._one_by_one = len(entries)
            return True
        self._one_by_one = max(self._one_by_one - 1, 0)
        _log.error(
            "a spooled request cannot be written and is put off for %d s: %s", PUT_OFF_SECONDS, reason_of(failure)
        )
        await spool.put_off(entries[0].digest, PUT_OFF_SECONDS)
        return True

    def _tell_refused(self, group: Sequence[Request]) -> None:
        for request in group:
            outcome = request.done.result()
            refused = outcome.rejected - request.batch.rejected
            if refused > 0:
                self._on_refused(request, Outcome(refused, outcome.message))
