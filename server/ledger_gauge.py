"""How full the ledger's slots are."""

import logging
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from opentelemetry.metrics import CallbackOptions, Meter, Observation

from database.queries import load

SQL = load(__package__)
_log = logging.getLogger(__name__)


class LedgerGauge:
    """Remembers PostgreSQL's own estimate for the moment that metrics are asked for; without one there is no value."""

    interval = timedelta(seconds=15)

    def __init__(self, pool: Any, meter: Meter) -> None:
        self._pool = pool
        self._rows: dict[int, int] = {}
        meter.create_observable_gauge(
            "otelgres.ledger.entries", [self._observe], "{request}", "Requests that the ledger knows, estimated."
        )

    async def look(self) -> None:
        """Asks the database. Raises nothing."""
        self._rows = {}
        try:
            self._rows = {row["slot"]: row["rows"] for row in await self._pool.fetch(SQL["ledger_slots"])}
        except Exception as error:  # noqa: BLE001 the database is away: the next round asks again
            _log.debug("the ledger's size is not known: %s", error)

    def _observe(self, options: CallbackOptions) -> Iterable[Observation]:
        for slot, rows in self._rows.items():
            yield Observation(rows, {"slot": str(slot)})
