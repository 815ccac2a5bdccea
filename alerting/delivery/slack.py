"""Slack, by an incoming webhook. Secrets: webhook_url."""

import json
from typing import Any

from alerting.delivery import wording
from alerting.delivery.channels import Channel
from alerting.delivery.http import JSON, Client
from alerting.delivery.message import Message
from alerting.delivery.outcome import Outcome
from alerting.notices import Item, Told

SHORT_FACTS = 3
FOOTER = "Otelgres"
RESOLVED_EMOJI, RESOLVED_COLOUR = "✅", "#2eb67d"
_EMOJIS = {"info": "ℹ️", "warning": "⚠️", "critical": "🚨"}
_COLOURS = {"info": "#36a64f", "warning": "#ffcc00", "critical": "#ff0000"}


async def send(channel: Channel, message: Message, client: Client) -> Outcome:
    """Only status 200 is success."""
    body = json.dumps(payload(message)).encode()
    return await client.post("Slack", channel.secret("webhook_url"), body, JSON, succeeded=lambda status: status == 200)


def payload(message: Message) -> dict[str, Any]:
    """The body of the request, as a Python object."""
    items, left = wording.shown(message)
    emoji = RESOLVED_EMOJI if message.resolved else _EMOJIS.get(wording.severity(message), _EMOJIS["warning"])
    text = f"{emoji} {_first_line(message)}"
    if left:
        text += f"\n{wording.more(left)}"
    return {"text": text, "attachments": [_attachment(message, item) for item in items]}


def escaped(text: str) -> str:
    """As Slack asks for it: then nothing in it is a link, a mention or an entity."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _first_line(message: Message) -> str:
    if len(message.items) > 1:
        return f"*{escaped(wording.headline(message))}*"
    item = message.items[0]
    return f"*{escaped(wording.title(message, item))}*{escaped(wording.news(message, item))}"


def _attachment(message: Message, item: Item) -> dict[str, Any]:
    colour = _COLOURS.get(item.severity, _COLOURS["warning"])
    fields = [
        {"title": escaped(title), "value": escaped(value), "short": place < SHORT_FACTS}
        for place, (title, value) in enumerate(wording.facts(item))
    ]
    lines = wording.samples(item)
    if lines:
        fields.append({"title": "Samples", "value": escaped("\n".join(lines)), "short": False})
    addresses = wording.links(item)
    if addresses:
        fields.append({"title": "Links", "value": " · ".join(_link(*link) for link in addresses), "short": False})
    attachment = {
        "color": RESOLVED_COLOUR if item.told is Told.RESOLVED else colour,
        "fallback": escaped(wording.one_line(item.message)),
        "text": escaped(wording.cut(item.message)),
        "fields": fields,
        "footer": FOOTER,
        "ts": int((item.resolved_at or message.created_at).timestamp()),
    }
    if len(message.items) > 1:
        attachment["title"] = escaped(wording.title(message, item) + wording.news(message, item))
    return attachment


def _link(label: str, address: str) -> str:
    if not wording.is_web(address):
        return f"{escaped(label)}: {escaped(address)}"
    return f"<{escaped(address).replace('|', '%7C')}|{escaped(label)}>"
