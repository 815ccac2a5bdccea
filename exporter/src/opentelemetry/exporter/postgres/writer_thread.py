"""A writer on an event loop of its own, for callers in any thread."""

import asyncio
import logging
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from functools import partial

from opentelemetry.context import _SUPPRESS_INSTRUMENTATION_KEY, Context, attach, detach, set_value
from opentelemetry.exporter.postgres.attribute_rules import AttributeRules
from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.export_settings import error_from_status
from opentelemetry.exporter.postgres.faults import Unavailable
from opentelemetry.exporter.postgres.private_loop import PrivateLoop
from opentelemetry.exporter.postgres.requests import Decoder, Outcome, make_request
from opentelemetry.exporter.postgres.schema_version import check_schema
from opentelemetry.exporter.postgres.writer import Writer

MAX_QUEUED_BYTES = 64 << 20
PATIENCE_WHILE_AWAY = 0.5
"""Seconds that an export waits for a database that was waited for already."""
_UNTRACED = set_value(_SUPPRESS_INSTRUMENTATION_KEY, True, Context())
_log = logging.getLogger(__name__)


class WriterThread:
    """Writes requests over one connection, made with the first of them, from a daemon thread.

    The thread is started at once: while the interpreter exits none can be started any more. What it does is not traced.
    """

    def __init__(self, dsn: str) -> None:
        self._loop = PrivateLoop()
        self._decoder = Decoder(pause=partial(time.sleep, 0))
        self._writer = Writer(
            dsn,
            self._decoder,
            error_from_status=error_from_status(),
            connections=1,
            max_queued_bytes=MAX_QUEUED_BYTES,
            patience=None,
            inspect=check_schema,
        )
        self._writer.availability.on_lost = self._lost
        self._lost_at = 0.0
        self._under_way: dict[Future[Outcome], Signal] = {}
        self._thread = threading.Thread(target=self._run, name="opentelemetry-exporter-postgres", daemon=True)
        try:
            self._thread.start()
        except RuntimeError as error:
            _log.error("nothing is stored: %s", error)

    @property
    def is_available(self) -> bool:
        """Whether the database takes data, for all that is known."""
        return bool(self._writer.availability)

    def patience(self, seconds: float) -> float:
        """For how long to wait for a request: not the whole time again while the database is away."""
        if self.is_available:
            return seconds
        return min(seconds, max(PATIENCE_WHILE_AWAY, self._lost_at + seconds - time.monotonic()))

    def write(self, signal: Signal, body: bytes, rules: AttributeRules | None = None) -> Future[Outcome]:
        """The outcome comes after the COMMIT of the serialized Export*ServiceRequest, as the rules leave it.

        It fails with Unavailable, or with ValueError for what can never be stored. Raises Unavailable where there is no
        thread to write, or it is the caller's.
        """
        if not self._thread.is_alive() or self._thread is threading.current_thread():
            raise Unavailable("there is no thread that could write")
        token = attach(_UNTRACED)
        try:
            future = asyncio.run_coroutine_threadsafe(self._write(signal, body, rules), self._loop)
        finally:
            detach(token)
        self._under_way[future] = signal
        future.add_done_callback(lambda done: self._under_way.pop(done, None))
        return future

    def under_way(self, signal: Signal) -> list[Future[Outcome]]:
        """What was given to write() and has no outcome yet."""
        return [future for future, its in self._under_way.copy().items() if its is signal]

    def close(self, seconds: float) -> None:
        """Ends the thread, with what it has accepted written if that takes no longer. MUST come after all writes."""
        if not self._thread.is_alive():
            return
        with suppress(RuntimeError):
            asyncio.run_coroutine_threadsafe(self._finish(), self._loop)
        self._thread.join(max(0.0, seconds))

    def _run(self) -> None:
        attach(_UNTRACED)
        asyncio.set_event_loop(self._loop)
        try:
            self._loop.run_until_complete(self._writer.start())
            self._loop.run_forever()
        finally:
            for future in self._under_way.copy():
                future.cancel()
            self._loop.close()

    async def _write(self, signal: Signal, body: bytes, rules: AttributeRules | None) -> Outcome:
        request = make_request(self._decoder, signal, body, rules)
        if not request.batch.rows:
            return Outcome(request.batch.rejected, request.batch.message)
        return await self._writer.write(request)

    async def _finish(self) -> None:
        await self._writer.close()
        self._loop.stop()

    def _lost(self) -> None:
        self._lost_at = time.monotonic()
