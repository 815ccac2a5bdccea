"""Events as PagerDuty takes them."""

import json
from dataclasses import replace
from uuid import uuid4

import pytest

from alerting.delivery.pagerduty import events
from alerting.notices import Told
from tests.alert_notices import ITEM, RULE, message, resolved


def test_a_firing_alert_triggers_an_incident() -> None:
    [event] = events(message())
    assert (event["event_action"], event["dedup_key"]) == ("trigger", f"{RULE}:")
    assert {name: event["payload"][name] for name in ("summary", "source", "severity", "timestamp", "class")} == {
        "summary": ITEM.message,
        "source": "Otelgres",
        "severity": "critical",
        "timestamp": "2026-11-23T09:30:00+00:00",
        "class": "error_count",
    }
    assert event["payload"]["custom_details"]["Value"] == "11.00"
    assert event["links"] == [{"href": "https://otelgres.example/admin/alerts?rule_id=1", "text": "Rule"}]


@pytest.mark.parametrize(
    ("item", "action"),
    [
        (replace(ITEM, told=Told.REMINDER), "trigger"),
        (replace(ITEM, told=Told.ESCALATION), "trigger"),
        (replace(ITEM, acknowledged_by="ann@example.com"), "acknowledge"),
        (resolved(), "resolve"),
        (replace(resolved(), acknowledged_by="ann@example.com"), "resolve"),
    ],
)
def test_what_is_told_decides_the_action(item: object, action: str) -> None:
    [event] = events(message(item))  # type: ignore[arg-type]
    assert event["event_action"] == action


@pytest.mark.parametrize(
    ("severity", "theirs"), [("info", "info"), ("warning", "warning"), ("critical", "critical"), ("odd", "warning")]
)
def test_severities_are_theirs(severity: str, theirs: str) -> None:
    [event] = events(message(replace(ITEM, severity=severity)))
    assert event["payload"]["severity"] == theirs


def test_each_label_set_and_each_trouble_of_a_rule_is_an_incident_of_its_own() -> None:
    other = replace(ITEM, instance_id=uuid4(), fingerprint="0123456789abcdef")
    keys = {event["dedup_key"] for event in events(message(ITEM, other))}
    [failing] = events(message(replace(ITEM, instance_id=None), kind="failing"))
    assert keys == {f"{RULE}:", f"{RULE}:0123456789abcdef"}
    assert failing["dedup_key"] == f"{RULE}::failing"


def test_an_event_is_bounded() -> None:
    long = replace(ITEM, message="x" * 100_000, description="y" * 100_000, rows=({"m": "z" * 100_000},) * 50)
    [event] = events(message(long))
    assert len(event["payload"]["summary"]) <= 1_024
    assert len(json.dumps(event)) < 20_000
