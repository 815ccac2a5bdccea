"""How many series a service may have: points of further ones are rejected, loudly."""

import logging
import time
from collections.abc import Sequence

from opentelemetry.exporter.postgres.batch import Batch
from opentelemetry.exporter.postgres.connecting import Connection
from opentelemetry.exporter.postgres.position import Position
from opentelemetry.exporter.postgres.sql_text import sql

_REFUSED_SERIES = sql("refused_series")
SECONDS_BETWEEN_LINES = 3600.0
_log = logging.getLogger(__name__)


class SeriesLimit:
    """The most live series of a service: those that had a point within the last day.

    Several transactions that add series at the same moment do not see each other's: together they MAY go beyond the
    limit by what each of them adds. Series that are stored already are never refused.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._told: dict[str, float] = {}

    async def admit(self, connection: Connection, position: Position, batches: Sequence[Batch]) -> list[Batch]:
        """The batches, where need be without the points of series beyond the limit, which are then counted as
        rejected. A batch that loses nothing is the one given."""
        missing = position.missing_series(batches)
        if not missing:
            return list(batches)
        refused: dict[int, str] = {
            row["id"]: row["service_name"]
            for row in await connection.fetch(
                _REFUSED_SERIES,
                [series.id for series in missing],
                [series.service_name for series in missing],
                self._most,
            )
        }
        for service in sorted(set(refused.values())):
            self._tell(service, sum(name == service for name in refused.values()))
        return [
            batch if refused.keys().isdisjoint(batch.series) else batch.without_series(refused, self._reason)
            for batch in batches
        ]

    def _reason(self, service: str) -> str:
        return (
            f"service {service} has {self._most} live series, the most it may have "
            "(OTELGRES_MAX_SERIES_PER_SERVICE): points of new series are rejected"
        )

    def _tell(self, service: str, series: int) -> None:
        now = time.monotonic()
        if now - self._told.get(service, -SECONDS_BETWEEN_LINES) >= SECONDS_BETWEEN_LINES:
            self._told[service] = now
            _log.error(
                "%s; %d were just now; look for an attribute whose values never end", self._reason(service), series
            )
