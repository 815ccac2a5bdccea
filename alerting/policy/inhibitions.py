"""Inhibitions: while one alert fires, nobody is told of those that follow from it."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from alerting.policy.matching import Matcher, all_match, matchers_of


@dataclass(frozen=True)
class Inhibition:
    """equal: labels that source and target have in common; both without one have it in common too.

    An alert that is source and target is not inhibited by alerts that are both as well, so never by itself.
    """

    name: str
    source: tuple[Matcher, ...]
    target: tuple[Matcher, ...]
    equal: tuple[str, ...] = ()

    def inhibits(self, labels: Mapping[str, str], firing: Collection[Mapping[str, str]]) -> bool:
        """firing: the labels of all alerts that fire, the one that is asked about among them or not."""
        if not all_match(self.target, labels):
            return False
        is_source = all_match(self.source, labels)
        return any(
            all(other.get(name, "") == labels.get(name, "") for name in self.equal)
            and all_match(self.source, other)
            and not (is_source and all_match(self.target, other))
            for other in firing
        )


def inhibition_of(row: Mapping[str, Any]) -> Inhibition:
    """From a row of enterprise.alert_inhibitions. ValueError for what is none."""
    return Inhibition(
        name=row["name"],
        source=matchers_of(row["source_matchers"]),
        target=matchers_of(row["target_matchers"]),
        equal=tuple(row["equal_labels"]),
    )
