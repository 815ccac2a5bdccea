"""What the exporters of all signals have in common."""

import logging
import time
from collections.abc import Callable
from concurrent.futures import CancelledError, Future, wait
from functools import partial

from opentelemetry.exporter.postgres import shared_writers
from opentelemetry.exporter.postgres.attribute_rules import AttributeRules
from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.export_settings import settings_for
from opentelemetry.exporter.postgres.faults import Unavailable
from opentelemetry.exporter.postgres.own_log import keep_apart
from opentelemetry.exporter.postgres.request_encoding import Encoding
from opentelemetry.exporter.postgres.requests import Outcome
from opentelemetry.exporter.postgres.writer_thread import WriterThread

CLOSING_SECONDS = 2.0
"""For a connection to end in order, once nothing is under way."""
_log = logging.getLogger(__name__)


class Outlet:
    """Stores the items of one signal. No method raises; a change from stored to lost and back is logged once."""

    def __init__(
        self,
        signal: Signal,
        dsn: str | None,
        timeout_millis: float | None,
        attribute_rules: str | None,
        attribute_hash_key: str | None,
    ) -> None:
        keep_apart()
        self._signal = signal
        self._settings = settings_for(signal, dsn, timeout_millis, attribute_rules, attribute_hash_key)
        self._dsn = self._settings.dsn or ""
        rules = self._settings.rules
        self._rules = None if rules is None else AttributeRules(rules, pause=partial(time.sleep, 0))
        self._shut_down = False
        self._told_shut_down = False
        self._failing = False
        self._lost = 0
        self._told = ""
        if self._dsn:
            shared_writers.join(self._dsn)

    def export(self, encode: Callable[[], Encoding]) -> bool:
        """True only after the COMMIT. False by the time-out at the latest; the items MAY be stored all the same."""
        if self._shut_down:
            if not self._told_shut_down:
                self._told_shut_down = True
                _log.warning("%s are lost: their exporter was shut down", self._name)
            return False
        if not self._dsn:
            return False
        items = 0
        writer = None
        try:
            encoding = encode()
            items = encoding.items
            writer = shared_writers.writer_for(self._dsn)
            outcome = self._outcome(writer, encoding) if items else Outcome()
        except Exception as error:  # noqa: BLE001 - an exporter must never disturb its application
            # Why the database is away was told when that was found.
            self._failed(items, error, told=writer is not None and not writer.is_available)
            return False
        self._stored(encoding, outcome)
        return outcome.rejected < items or items + encoding.unfit == 0

    def force_flush(self, timeout_millis: float) -> bool:
        """Waits for the exports that other threads have under way: whether all of them are stored."""
        if not self._dsn or self._shut_down:
            return True
        done, left = wait(self._under_way(), max(0.0, timeout_millis / 1000))
        return not left and all(not future.cancelled() and future.exception() is None for future in done)

    def shutdown(self, timeout_millis: float) -> None:
        """Waits for exports under way as force_flush() does, ends those that take longer; later ones fail."""
        if self._shut_down:
            return
        self._shut_down = True
        if not self._dsn:
            return
        for future in wait(self._under_way(), max(0.0, timeout_millis / 1000)).not_done:
            future.cancel()
        shared_writers.leave(self._dsn, CLOSING_SECONDS)
        if self._lost:
            _log.warning("%s: %d were lost in the end", self._name, self._lost)

    @property
    def _name(self) -> str:
        return {Signal.TRACES: "spans", Signal.LOGS: "log records", Signal.METRICS: "metric points"}[self._signal]

    def _under_way(self) -> list[Future[Outcome]]:
        return shared_writers.writer_for(self._dsn).under_way(self._signal)

    def _outcome(self, writer: WriterThread, encoding: Encoding) -> Outcome:
        future = writer.write(self._signal, encoding.body, self._rules)
        try:
            return future.result(writer.patience(self._settings.seconds))
        finally:
            future.cancel()

    def _failed(self, items: int, error: Exception, *, told: bool) -> None:
        self._lost += items
        if self._failing:
            return
        self._failing = True
        if told:
            return
        match error:
            case TimeoutError() | CancelledError():
                reason = "the database did not take them in time"
            case Unavailable() | ValueError():
                reason = str(error)
            case _:
                reason = type(error).__name__
        _log.error("%s are lost until further notice: %s", self._name, reason)

    def _stored(self, encoding: Encoding, outcome: Outcome) -> None:
        if self._failing:
            _log.warning("%s are stored again; %d were lost meanwhile", self._name, self._lost)
            self._failing, self._lost = False, 0
        if encoding.unfit:
            self._tell(f"{encoding.unfit} could not be encoded ({encoding.error})")
        if outcome.rejected:
            self._tell(f"{outcome.rejected} were refused: {outcome.message}")

    def _tell(self, refusal: str) -> None:
        if refusal != self._told:
            self._told = refusal
            _log.warning("%s: %s", self._name, refusal)
