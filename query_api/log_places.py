"""Where a log may be, by its id."""

from datetime import UTC, datetime, timedelta
from uuid import UUID


def places(log_id: UUID) -> list[tuple[datetime | None, datetime | None]]:
    """Where to look, as [from, to): the millisecond that a time-ordered id names, then all times."""
    everywhere = (None, None)
    if log_id.version != 7:
        return [everywhere]
    try:
        earliest = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=log_id.int >> 80)
        return [(earliest, earliest + timedelta(milliseconds=1)), everywhere]
    except OverflowError:
        return [everywhere]
