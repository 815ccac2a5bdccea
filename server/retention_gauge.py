"""How retention fares."""

import logging
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from database.queries import load

SQL = load(__package__)
_log = logging.getLogger(__name__)


class RetentionGauge:
    """Remembers what the database says for the moment that metrics are asked for; without it there is no value."""

    interval = timedelta(seconds=15)

    def __init__(self, pool: Any, meter: Meter) -> None:
        self._pool = pool
        self._state: Mapping[str, Any] = {}
        for name, column, unit, description in (
            ("late", "late_seconds", "s", "Since something is there that should be gone."),
            ("failing", "failing", "1", "1 while the last run of the job failed, else 0."),
            ("size", "bytes", "By", "What all telemetry takes, as of the last run."),
            ("size.cap", "cap_bytes", "By", "What it may take, where that is set."),
            ("size.over", "over_bytes", "By", "What could not be removed and is too much."),
        ):
            meter.create_observable_gauge(f"otelgres.retention.{name}", [self._observer(column)], unit, description)

    async def look(self) -> None:
        """Asks the database. Raises nothing."""
        self._state = {}
        try:
            self._state = dict(await self._pool.fetchrow(SQL["retention_state"]) or {})
        except Exception as error:  # noqa: BLE001 the database is away: the next round asks again
            _log.debug("the state of retention is not known: %s", error)

    def _observer(self, column: str) -> Any:
        def observe(options: CallbackOptions) -> Iterable[Observation]:
            value = self._state.get(column)
            if value is not None:
                yield Observation(value)

        return observe
