"""How far the service map is behind the spans."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from database.queries import load

SQL = load(__package__)
_log = logging.getLogger(__name__)


class ServiceMapGauge:
    """Remembers what the database says for the moment that metrics are asked for; without it there is no value."""

    interval = timedelta(seconds=15)

    def __init__(self, pool: Any, meter: Meter) -> None:
        self._pool = pool
        self._seconds: float | None = None
        meter.create_observable_gauge(
            "otelgres.service_map.lag", [self._observe], "s", "Since the time until which what came is counted."
        )

    async def look(self) -> None:
        """Asks the database. Raises nothing."""
        self._seconds = None
        try:
            self._seconds = await self._pool.fetchval(SQL["service_map_lag"])
        except Exception as error:  # noqa: BLE001 the database is away: the next round asks again
            _log.debug("the lag of the service map is not known: %s", error)

    def _observe(self, options: CallbackOptions) -> Iterable[Observation]:
        if self._seconds is not None:
            yield Observation(self._seconds)
