"""How far the search indexes are behind the rows."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from database.queries import load

SQL = load(__package__)
_log = logging.getLogger(__name__)


class SearchGauge:
    """Remembers what the database says for the moment that metrics are asked for; without it there is no value."""

    interval = timedelta(seconds=15)

    def __init__(self, pool: Any, meter: Meter) -> None:
        self._pool = pool
        self._seconds: dict[str, float] = {}
        meter.create_observable_gauge(
            "otelgres.search.lag",
            [self._observe],
            "s",
            "Since the end of the oldest partition that is over, has rows, and has no search indexes yet.",
        )

    async def look(self) -> None:
        """Asks the database. Raises nothing."""
        self._seconds = {}
        try:
            self._seconds = {row["table"]: row["seconds"] for row in await self._pool.fetch(SQL["search_lag"])}
        except Exception as error:  # noqa: BLE001 the database is away: the next round asks again
            _log.debug("the lag of search indexes is not known: %s", error)

    def _observe(self, options: CallbackOptions) -> Iterable[Observation]:
        for table, seconds in self._seconds.items():
            yield Observation(seconds, {"table": table})
