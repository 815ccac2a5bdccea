"""Whether people are told that a rule cannot be evaluated, or can be again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from alerting.links import Links
from alerting.measurements import Failed, Measurement
from alerting.notices import Told
from alerting.recording.items import item_of_rule
from alerting.recording.journal import Journal
from alerting.recording.outbox import Outbox
from alerting.rules import Rule


def tell_of_failing(
    rule: Rule,
    locked: Mapping[str, Any],
    measurement: Measurement,
    now: datetime,
    journal: Journal,
    outbox: Outbox,
    links: Links,
) -> datetime | None:
    """What failure_told_at becomes. Whoever is told that it works again was told that it was failing."""
    told_at: datetime | None = locked["failure_told_at"]
    if isinstance(measurement, Failed):
        failures = locked["failures"] + 1
        if told_at is None and 0 < rule.failures_before_notice <= failures:
            since = locked["failing_since"] or now
            message = f"{rule.name} cannot be evaluated, {failures} times in a row: {measurement.error}"
            journal.add("failing", detail={"error": measurement.error, "failures": failures})
            _put(rule, Told.FIRING, message, since, now, outbox, links)
            return now
        return told_at
    if told_at is not None:
        journal.add("working")
        since = locked["failing_since"] or told_at
        _put(rule, Told.RESOLVED, f"{rule.name} is evaluated again", since, now, outbox, links)
    return None


def _put(rule: Rule, told: Told, message: str, since: datetime, now: datetime, outbox: Outbox, links: Links) -> None:
    item = item_of_rule(rule, told, message, since, links, until=now if told is Told.RESOLVED else None)
    for channel in rule.channels:
        outbox.add("failing", channel, f"failing:{rule.id}", item.as_json(), now)
