"""Whether the fields of a rule go together, as far as it can be told without a look at the data."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from alerting.measuring import checking
from alerting.measuring.checking import Mistake
from alerting.rules import Rule, rule_of

_NOT_STORED_YET = {"id": UUID(int=0), "version": 1}


def as_rule(fields: Mapping[str, Any]) -> Rule:
    """fields: those of a Definition, or a row of enterprise.alert_rules. ValueError for what is no rule."""
    return rule_of(_NOT_STORED_YET | {name: value for name, value in fields.items() if value is not None})


def mistakes(fields: Mapping[str, Any], now: datetime) -> list[Mistake]:
    """fields: as of `as_rule`."""
    try:
        rule = as_rule(fields)
    except ValueError as error:
        return [Mistake("rule", str(error))]
    return [*checking.mistakes(rule, now), *_of_windows(rule)]


def _of_windows(rule: Rule) -> Iterator[Mistake]:
    if rule.windows_needed > rule.windows_seen:
        yield Mistake("windows_needed", "must not be more than windows_seen")
