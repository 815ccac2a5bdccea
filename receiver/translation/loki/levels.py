"""The severity of Loki's log lines, which labels or structured metadata tell."""

from collections.abc import Mapping
from typing import Any, NamedTuple

NAMES = ("detected_level", "level", "severity", "severity_text", "lvl", "log_level", "log.level", "loglevel")
MAX_TEXT = 64
"""What is longer is no level. It would be repeated in each line of its stream."""
_NUMBERS = {
    name: number
    for number, names in (
        (1, ("trace", "trc", "verbose")),
        (5, ("debug", "dbg")),
        (9, ("info", "inf", "information", "informational")),
        (10, ("notice",)),
        (13, ("warn", "wrn", "warning")),
        (17, ("error", "err")),
        (21, ("critical", "crit", "fatal", "alert", "emerg", "emergency", "panic")),
    )
    for name in names
}


class Severity(NamedTuple):
    """number: OpenTelemetry's, 0 for an unknown text."""

    number: int = 0
    text: str = ""


def take_severity(values: dict[str, Any]) -> Severity | None:
    """By the first name there is, which leaves `values`."""
    found = _found(values)
    return None if found is None else Severity(_NUMBERS.get(values[found].strip().lower(), 0), values.pop(found))


def _found(values: Mapping[str, Any]) -> str | None:
    lower = {name.lower(): name for name in values}
    for name in NAMES:
        at = lower.get(name)
        if at is not None and isinstance(values[at], str) and 0 < len(values[at]) <= MAX_TEXT:
            return at
    return None
