"""What messages say, whatever the channel: plain words, not escaped for anything."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from alerting.delivery.message import Message
from alerting.notices import Item, Told

MOST_ITEMS = 10
MOST_ROWS = 5
LONGEST_TEXT = 2_000
LONGEST_LINE = 300

_OPERATORS = {"gt": ">", "lt": "<", "gte": "≥", "lte": "≤", "eq": "=", "neq": "≠"}
_ADDED = {
    Told.FIRING: "",
    Told.REMINDER: " (reminder)",
    Told.ESCALATION: " (escalation)",
    Told.RESOLVED: " (resolved)",
}
_OF_RULES = {"failing": (" (failing)", " (works again)"), "late": (" (late)", " (in time again)")}
_SEVERITIES = ("info", "warning", "critical")


def shown(message: Message) -> tuple[Sequence[Item], int]:
    """The items that a message has room for, those that fire first, and how many more there are."""
    ordered = sorted(message.items, key=lambda item: item.told is Told.RESOLVED)
    return ordered[:MOST_ITEMS], max(len(ordered) - MOST_ITEMS, 0)


def headline(message: Message) -> str:
    """One line: the rule's name and what is new where there is one alert, else how many there are."""
    if len(message.items) == 1:
        return title(message, message.items[0]) + news(message, message.items[0])
    over = sum(item.told is Told.RESOLVED for item in message.items)
    counts = ((len(message.items) - over, _OF_RULES.get(message.kind, (" firing",))[0]), (over, " resolved"))
    what = "rules" if message.kind in _OF_RULES else "alerts"
    return f"{what}: " + ", ".join(f"{count}{state}" for count, state in counts if count)


def title(message: Message, item: Item) -> str:
    """What it is about, as one line."""
    return f"Test of the channel {one_line(message.channel)}" if message.kind == "test" else one_line(item.rule_name)


def news(message: Message, item: Item) -> str:
    """What goes after the title; empty where the title says it all."""
    if message.kind in _OF_RULES:
        return _OF_RULES[message.kind][item.told is Told.RESOLVED]
    return _ADDED[item.told]


def more(count: int) -> str:
    return f"… and {count} more"


def severity(message: Message) -> str:
    """The worst of what still holds, else of all."""
    firing = [item for item in message.items if item.told is not Told.RESOLVED]
    return max((item.severity for item in firing or message.items), key=_rank)


def facts(item: Item) -> list[tuple[str, str]]:
    """Names and values: of an alert severity, value and threshold first, in this order; then what else is known."""
    listed = [("Severity", item.severity.upper())]
    if item.instance_id is not None:
        listed += [("Value", "no data" if item.value is None else f"{item.value:.2f}")]
        listed += [("Threshold", short(item.threshold))]
    optional = (
        ("Description", item.description),
        ("Condition", _condition(item)),
        ("Labels", ", ".join(f"{name}={value}" for name, value in _own_labels(item))),
        ("Since", moment(item.triggered_at)),
        ("Until", item.resolved_at and moment(item.resolved_at)),
        ("Acknowledged by", item.acknowledged_by),
        *((_label(name), value) for name, value in item.annotations.items() if name != "runbook_url"),
    )
    return listed + [(name, cut(value)) for name, value in optional if value]


def samples(item: Item) -> list[str]:
    """A few of the rows that were counted, a line each."""
    return [_row(row) for row in item.rows[:MOST_ROWS]]


def links(item: Item) -> list[tuple[str, str]]:
    """Labels and addresses, of which those that are no http or https MUST NOT be made clickable."""
    return [(_label(name), address) for name, address in item.links.items() if address]


def is_web(address: str) -> bool:
    """Whether one may click on it."""
    return address.startswith(("https://", "http://")) and not any(sign <= " " for sign in address)


def plain(message: Message) -> str:
    """All of it as text without markup."""
    items, left = shown(message)
    blocks = ["\n".join(_block(message, item)) for item in items]
    if left:
        blocks.append(more(left))
    return "\n\n".join(blocks) + "\n"


def moment(time: datetime) -> str:
    return time.strftime("%Y-%m-%d %H:%M:%S UTC")


def short(number: float) -> str:
    """Without a needless fraction and without an exponent."""
    return format(Decimal(repr(number)).normalize(), "f")


def cut(text: str, longest: int = LONGEST_TEXT) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def one_line(text: str) -> str:
    """Cut, and without line breaks or other control characters, which are no part of a header."""
    return cut(" ".join("".join(sign if sign.isprintable() else " " for sign in text).split()), LONGEST_LINE)


def _block(message: Message, item: Item) -> Iterable[str]:
    yield title(message, item) + news(message, item)
    yield cut(item.message)
    yield ""
    for name, value in facts(item):
        yield f"{name}: {value}"
    lines = samples(item)
    if lines:
        yield ""
        yield from lines
    addresses = links(item)
    if addresses:
        yield ""
        for name, address in addresses:
            yield f"{name}: {address}"


def _condition(item: Item) -> str:
    operator = _OPERATORS.get(item.condition, item.condition)
    return f"{item.metric_type} {operator} {short(item.threshold)} over {item.window_minutes} min"


def _own_labels(item: Item) -> list[tuple[str, str]]:
    return [pair for pair in sorted(item.labels.items()) if pair[0] not in ("alertname", "severity")]


def _row(row: Mapping[str, Any]) -> str:
    values = (value if isinstance(value, str) else json.dumps(value, default=str) for value in row.values() if value)
    return one_line("  ".join(values))


def _label(name: str) -> str:
    return one_line(name.replace("_", " ").capitalize())


def _rank(severity: str) -> int:
    return _SEVERITIES.index(severity) if severity in _SEVERITIES else _SEVERITIES.index("warning")
