"""A writer's place in the order of its commits, and what it knows to be stored."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from operator import attrgetter

from opentelemetry.exporter.postgres.batch import Batch, Series
from opentelemetry.exporter.postgres.leaves import Leaves

MAX_KNOWN = 1_000_000


@dataclass(slots=True)
class Known:
    """Ids of origins, operations and bounds, and versions of series, that are in the database, with the day they were
    last touched there."""

    day: int = 0
    ids: set[int] = field(default_factory=set)

    def missing(self, ids: Iterable[int], day: int) -> list[int]:
        if day != self.day or len(self.ids) > MAX_KNOWN:
            self.day = day
            self.ids.clear()
        return sorted(set(ids) - self.ids)


@dataclass(slots=True)
class Position:
    """A writer's place in the order of its commits."""

    writer: int
    batch: int
    leaves: Leaves
    error_from_status: int
    known: Known

    @property
    def day(self) -> int:
        return self.batch // 86_400_000_000

    def missing_series(self, batches: Iterable[Batch]) -> list[Series]:
        """The series that this connection has not stored today, in the order of their ids."""
        series = {each.version: each for batch in batches for each in batch.series.values()}
        missing = self.known.missing(series, self.day) if series else []
        return sorted((series[version] for version in missing), key=attrgetter("id"))
