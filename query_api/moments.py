"""Times as people write them."""

import re
from datetime import UTC, datetime, timedelta

EXPECTED = "an ISO 8601 time, or one relative to now like now, now-15m or -2h (s, m, h, d, w)"

_RELATIVE = re.compile(r"(?:now)?(?:([+-]\d{1,9})([smhdw]))?", re.ASCII)
_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


def moment(text: str, now: datetime) -> datetime:
    """The time in UTC. Without an offset it is taken for UTC. Raises ValueError, whose text says what is expected."""
    try:
        if text and (relative := _RELATIVE.fullmatch(text)):
            count, unit = relative.groups()
            return now + int(count) * _UNITS[unit] if unit else now
        given = datetime.fromisoformat(text)
        return given.astimezone(UTC) if given.tzinfo else given.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        raise ValueError(f"must be {EXPECTED}") from None
