"""What fires, and how each alert stands: whom it goes to, and what keeps it from being told."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from alerting.alertmanager.shapes import State
from alerting.labels import fingerprint, labels_of
from alerting.policy.inhibitions import Inhibition
from alerting.policy.matching import all_match
from alerting.policy.policies import Policies, read_policies
from alerting.policy.routing import Route, routes_of_alert
from database.queries import load

SQL = load(__package__)
MOST_NAMED = 10


@dataclass(frozen=True)
class Standing:
    """An alert. row: of firing.sql. fingerprint: of all its labels."""

    row: Mapping[str, Any]
    fingerprint: str
    silenced_by: tuple[str, ...]
    inhibited_by: tuple[str, ...]
    routes: tuple[Route, ...]

    @property
    def labels(self) -> dict[str, str]:
        labels: dict[str, str] = self.row["labels"]
        return labels

    @property
    def state(self) -> State:
        if self.row["instance_id"] is None:
            return "unprocessed"
        return "suppressed" if self.silenced_by or self.inhibited_by else "active"

    def channels(self, route: Route) -> Sequence[str]:
        return self.row["channels"] if route.channels is None else route.channels

    @property
    def receivers(self) -> list[str]:
        return list(dict.fromkeys(channel for route in self.routes for channel in self.channels(route)))


async def read_standings(connection: Any, now: datetime) -> list[Standing]:
    """All that fires, the newest 10,000."""
    rows = await connection.fetch(SQL["firing"], now)
    return list(standings(rows, await read_policies(connection), now))


def standings(rows: Iterable[Mapping[str, Any]], policies: Policies, now: datetime) -> Iterator[Standing]:
    printed = {fingerprint(labels_of(row["labels"])): row for row in rows}
    sources = [_Sources(inhibition, printed) for inhibition in policies.inhibitions]
    for print_, row in printed.items():
        labels = row["labels"]
        silences = [str(silence.id) for silence in policies.silences if silence.mutes(labels, now)]
        inhibited = dict.fromkeys(source for each in sources for source in each.of(print_, labels))
        yield Standing(
            row=row,
            fingerprint=print_,
            silenced_by=tuple(sorted(silences)),
            inhibited_by=tuple(inhibited)[:MOST_NAMED],
            routes=routes_of_alert(policies.routes, labels),
        )


class _Sources:
    """The alerts that an inhibition's source matches, by the values of its equal labels."""

    def __init__(self, inhibition: Inhibition, printed: Mapping[str, Mapping[str, Any]]) -> None:
        self._inhibition = inhibition
        self._by_values: dict[tuple[str, ...], list[tuple[str, bool]]] = defaultdict(list)
        for print_, row in printed.items():
            labels = row["labels"]
            if all_match(inhibition.source, labels):
                self._by_values[self._values(labels)].append((print_, all_match(inhibition.target, labels)))

    def of(self, print_: str, labels: Mapping[str, str]) -> Iterator[str]:
        """Fingerprints of those that keep this alert from being told; Inhibition.inhibits says of which they may be."""
        if not all_match(self._inhibition.target, labels):
            return
        is_source = all_match(self._inhibition.source, labels)
        for source, is_target in self._by_values.get(self._values(labels), ()):
            if not (is_source and is_target):
                yield source

    def _values(self, labels: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(labels.get(name, "") for name in self._inhibition.equal)
