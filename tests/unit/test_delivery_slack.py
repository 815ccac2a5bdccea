"""What Slack gets: as the contract has it, and nothing that a value could turn into markup."""

import json
import re
from dataclasses import replace
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerting.delivery.slack import escaped, payload
from alerting.delivery.wording import MOST_ITEMS
from alerting.notices import Told
from tests.alert_notices import ITEM, NOW, message, resolved

MARKUP = re.compile(r"[<>]|&(?!amp;|lt;|gt;)")


@pytest.mark.parametrize(
    ("severity", "emoji", "colour"),
    [
        ("info", "ℹ️", "#36a64f"),
        ("warning", "⚠️", "#ffcc00"),
        ("critical", "🚨", "#ff0000"),
        ("disaster", "⚠️", "#ffcc00"),
    ],
)
def test_emoji_and_colour_go_by_severity(severity: str, emoji: str, colour: str) -> None:
    made = payload(message(replace(ITEM, severity=severity)))
    assert made["text"] == f"{emoji} *High Error Rate*"
    assert made["attachments"][0]["color"] == colour


def test_a_firing_alert_is_one_attachment_as_the_contract_has_it() -> None:
    [attachment] = payload(message())["attachments"]
    assert attachment["fields"][:3] == [
        {"title": "Severity", "value": "CRITICAL", "short": True},
        {"title": "Value", "value": "11.00", "short": True},
        {"title": "Threshold", "value": "10", "short": True},
    ]
    assert attachment["text"] == "High Error Rate: error_count is 11 (threshold: 10)".replace(">", "&gt;")
    assert (attachment["footer"], attachment["ts"]) == ("Otelgres", int(NOW.timestamp()))


def test_more_is_said_below_window_labels_samples_and_links() -> None:
    [attachment] = payload(message())["attachments"]
    said = {field["title"]: field["value"] for field in attachment["fields"][3:]}
    assert said == {
        "Description": "More than 10 errors in 5 minutes",
        "Condition": "error_count &gt; 10 over 5 min",
        "Labels": "service=shop",
        "Since": "2026-11-23 09:30:00 UTC",
        "Samples": "2026-11-23T09:29:58Z payment failed 5b8aa5a2d2c872e8321cf37308d69df2",
        "Links": "<https://otelgres.example/admin/alerts?rule_id=1|Rule> · Logs: /admin/logs?q=level:ERROR",
    }


def test_a_resolved_alert_says_so() -> None:
    made = payload(message(resolved()))
    assert made["text"] == "✅ *High Error Rate* (resolved)"
    assert {"title": "Until", "value": "2026-11-23 09:37:00 UTC", "short": False} in made["attachments"][0]["fields"]


@pytest.mark.parametrize(
    ("told", "text"), [(Told.REMINDER, " (reminder)"), (Told.ESCALATION, " (escalation)"), (Told.FIRING, "")]
)
def test_what_is_new_follows_the_name(told: Told, text: str) -> None:
    assert payload(message(replace(ITEM, told=told)))["text"] == f"🚨 *High Error Rate*{text}"


@pytest.mark.parametrize(
    ("kind", "told", "text"),
    [
        ("failing", Told.FIRING, "🚨 *High Error Rate* (failing)"),
        ("failing", Told.RESOLVED, "✅ *High Error Rate* (works again)"),
        ("late", Told.FIRING, "🚨 *High Error Rate* (late)"),
        ("late", Told.RESOLVED, "✅ *High Error Rate* (in time again)"),
        ("test", Told.FIRING, "🚨 *Test of the channel slack*"),
    ],
)
def test_notices_about_rules_have_words_of_their_own(kind: str, told: Told, text: str) -> None:
    made = payload(message(replace(ITEM, told=told, instance_id=None), kind=kind))
    assert made["text"] == text
    assert "Value" not in [field["title"] for field in made["attachments"][0]["fields"]]


def test_several_alerts_are_one_message_and_it_is_bounded() -> None:
    items = [replace(ITEM, instance_id=uuid4(), rule_name=f"Rule {place}", severity="info") for place in range(12)]
    over = [replace(resolved(), instance_id=uuid4()) for _ in range(2)]
    made = payload(message(*over, *items))
    assert made["text"] == "ℹ️ *alerts: 12 firing, 2 resolved*\n… and 4 more"
    titles = [attachment["title"] for attachment in made["attachments"]]
    assert titles == [f"Rule {place}" for place in range(MOST_ITEMS)]


@given(st.text())
def test_no_text_makes_markup(text: str) -> None:
    assert not MARKUP.search(escaped(text))


@settings(deadline=None)
@given(st.text(), st.text(), st.text(), st.dictionaries(st.text(), st.text()), st.text())
def test_no_value_of_an_alert_makes_markup(
    name: str, text: str, description: str, labels: dict[str, str], address: str
) -> None:
    item = replace(
        ITEM,
        rule_name=name,
        message=text,
        description=description,
        labels=labels,
        annotations=labels,
        links={},
        rows=({"message": text},),
    )
    made = payload(message(item))
    assert not MARKUP.search(json.dumps(made, ensure_ascii=False))
    [attachment] = payload(message(replace(item, links={"rule": f"https://x/{address}"})))["attachments"]
    [links] = [field["value"] for field in attachment["fields"] if field["title"] == "Links"]
    assert links.count("<") == links.count(">") <= 1


def test_a_link_is_clickable_only_if_it_leads_to_the_web() -> None:
    [attachment] = payload(message(replace(ITEM, links={"runbook": "javascript:alert(1)"})))["attachments"]
    assert attachment["fields"][-1]["value"] == "Runbook: javascript:alert(1)"


def test_long_texts_are_cut_before_they_are_escaped() -> None:
    [attachment] = payload(message(replace(ITEM, message="&" * 5_000)))["attachments"]
    assert attachment["text"] == "&amp;" * 1_999 + "…"
