"""The values that questions are asked with: drawn at random, known to be in the data."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import md5
from random import Random

from benchmarks.query.catalogue import ORDERS, SERVICE_NAMES
from benchmarks.query.filling import SPANS_A_TRACE
from benchmarks.query.volume import Volume
from database.ranges import DAY, Range, midnight
from database.sealing import ENDED_FOR

Times = dict[str, str]


@dataclass(frozen=True)
class Drawing:
    """sealed: the times of the partitions that have their search indexes. compared: of these, those that were there
    when the same was asked of fewer days, so that an answer about a day grows by other days alone. log_ids: of some
    logs."""

    random: Random
    volume: Volume
    sealed: Range
    compared: Range
    log_ids: Sequence[str]

    def service(self) -> str:
        return self.random.choice(SERVICE_NAMES)

    def order(self) -> int:
        return self.random.randrange(ORDERS)

    def user(self) -> str:
        return f"user{self.random.randrange(2000)}@example.com"

    def log(self) -> str:
        return self.random.choice(self.log_ids)

    def trace(self) -> str:
        """The id of a trace that began within the sealed times."""
        numbers = self.volume.numbers(self.sealed, SPANS_A_TRACE)
        return md5(f"trace {self.random.choice(numbers)}".encode(), usedforsecurity=False).hexdigest()

    def sealed_day(self) -> Times:
        """24 hours that begin anywhere among those compared, all sealed."""
        begin = self.compared.lower + self.random.random() * (self.compared.upper - self.compared.lower - DAY)
        return {"from": begin.isoformat(), "to": (begin + DAY).isoformat()}

    def last_day(self) -> Times:
        """The last 24 hours: sealed partitions and the tail."""
        return {"hours": "24"}

    def all_days(self) -> Times:
        """Every partition."""
        return {"from": self.sealed.lower.isoformat()}

    def tail(self) -> Times:
        """The partition that is still open, alone."""
        return {"from": tail_of(self.volume.until).isoformat()}


def tail_of(until: datetime) -> datetime:
    """When the partitions without search indexes begin."""
    return midnight(until - ENDED_FOR)
