"""PagerDuty, by Events API v2. Secrets: routing_key. Settings: url, where it is not PagerDuty's own.

An alert is one incident: its key is rule and label set, so whatever is repeated falls together.
"""

import json
from typing import Any

from alerting.delivery.channels import Channel
from alerting.delivery.http import JSON, Client
from alerting.delivery.message import Message
from alerting.delivery.outcome import Outcome
from alerting.delivery.wording import LONGEST_TEXT, cut, facts, is_web, links, one_line, samples
from alerting.notices import Item, Told

URL = "https://events.pagerduty.com/v2/enqueue"
LONGEST_SUMMARY = 1_024
_SEVERITIES = {"info": "info", "warning": "warning", "critical": "critical"}


async def send(channel: Channel, message: Message, client: Client) -> Outcome:
    """One event for each alert. What one of them meets for good stops no other; what is temporary does."""
    url, routing_key = channel.settings.get("url") or URL, channel.secret("routing_key")
    done: list[str] = []
    errors: list[str] = []
    for event in events(message):
        part = f"{event['dedup_key']} {event['event_action']}"
        if part in message.done:
            continue
        body = json.dumps(event | {"routing_key": routing_key}).encode()
        outcome = await client.post("PagerDuty", url, body, JSON, succeeded=lambda status: status == 202)
        if outcome.told:
            done.append(part)
        elif outcome.error:
            errors.append(outcome.error)
        if outcome.again:
            return Outcome(bool(done), _joined(errors), again=True, wait=outcome.wait, done=tuple(done))
    return Outcome(bool(done) or not errors, _joined(errors), done=tuple(done))


def events(message: Message) -> list[dict[str, Any]]:
    """The bodies without the routing key. A test opens an incident and closes it again."""
    made = [_event(message, item) for item in message.items]
    if message.kind == "test":
        made += [_resolving(event) for event in made]
    return made


def _joined(errors: list[str]) -> str | None:
    return "; ".join(dict.fromkeys(errors)) or None


def _event(message: Message, item: Item) -> dict[str, Any]:
    addresses = [(label, address) for label, address in links(item) if is_web(address)]
    return {
        "event_action": _action(item),
        "dedup_key": _key(message, item),
        "payload": {
            "summary": cut(one_line(item.message), LONGEST_SUMMARY),
            "source": "Otelgres",
            "severity": _SEVERITIES.get(item.severity, "warning"),
            "timestamp": item.triggered_at.isoformat(),
            "group": one_line(item.rule_name),
            "class": item.metric_type,
            "custom_details": dict(facts(item)) | {"Samples": cut("\n".join(samples(item)), LONGEST_TEXT)},
        },
        "links": [{"href": address, "text": label} for label, address in addresses],
        "client": "Otelgres",
    }


def _action(item: Item) -> str:
    if item.told is Told.RESOLVED:
        return "resolve"
    return "acknowledge" if item.acknowledged_by else "trigger"


def _key(message: Message, item: Item) -> str:
    if message.kind == "test":
        return f"test:{message.id}"
    key = f"{item.rule_id}:{item.fingerprint}"
    return key if message.kind == "alert" else f"{key}:{message.kind}"


def _resolving(event: dict[str, Any]) -> dict[str, Any]:
    return event | {"event_action": "resolve"}
