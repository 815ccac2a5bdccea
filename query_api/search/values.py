"""Values as people write them. Each function gives None for what is none of its kind."""

import re
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from query_api.moments import moment

_NUMBER = re.compile(r"[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,2})?", re.ASCII)
_DURATION = re.compile(r"(\d{1,20}(?:\.\d{1,20})?)(ns|us|µs|μs|ms|s|m|h)?", re.ASCII)
_MILLISECONDS = {"ns": 1e-6, "us": 1e-3, "µs": 1e-3, "μs": 1e-3, "ms": 1.0, "s": 1e3, "m": 60e3, "h": 3600e3}


def number(text: str, now: datetime) -> Decimal | None:
    return Decimal(text) if _NUMBER.fullmatch(text) else None


def duration_ms(text: str, now: datetime) -> float | None:
    """Milliseconds, also where no unit is given."""
    found = _DURATION.fullmatch(text)
    return float(found[1]) * _MILLISECONDS[found[2] or "ms"] if found else None


def time(text: str, now: datetime) -> datetime | None:
    try:
        return moment(text, now)
    except ValueError:
        return None


def truth(text: str, now: datetime) -> bool | None:
    return {"true": True, "false": False}.get(text.lower())


def uuid(text: str, now: datetime) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
