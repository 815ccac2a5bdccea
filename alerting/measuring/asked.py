"""A question to the data: a rule at a time; and why there may be no answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from alerting.rules import Rule


@dataclass(frozen=True)
class Asked:
    """A rule over its window [since, until).

    explained: whether samples that meet the condition come with some of the rows that were counted.
    """

    rule: Rule
    until: datetime
    explained: bool = True

    @property
    def since(self) -> datetime:
        return self.until - self.rule.window

    @property
    def seconds(self) -> float:
        return self.rule.window.total_seconds()

    @property
    def minutes(self) -> float:
        return self.seconds / 60


class Unmeasurable(Exception):
    """Why a rule cannot be measured, for people.

    field: the rule's field that is to blame, where one is. position: 0-based, in the text of that field. expected: what
    could stand there, in words.
    """

    def __init__(
        self, message: str, field: str | None = None, position: int | None = None, expected: Sequence[str] = ()
    ) -> None:
        super().__init__(message)
        self.field = field
        self.position = position
        self.expected = tuple(expected)
