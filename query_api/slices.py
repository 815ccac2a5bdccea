"""A window cut into slices, for tables that no index keeps in the order of time."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from query_api.window import Window

FIRST = timedelta(minutes=1)
GROWTH = 4


def newest_first(window: Window, newest: datetime) -> Iterator[Window]:
    """Parts that make up the window, each reaching four times as far back as the one after it in time.

    The first begins a minute before `newest`, which MAY lie outside of the window, and ends where the window does.
    Reading them one by one until there is enough costs at most a few times what was needed, and all of them no more
    than the window as a whole.
    """
    latest = window.latest
    back = FIRST
    while True:
        try:
            earliest = max(window.earliest, newest - back)
        except OverflowError:
            earliest = window.earliest
        if latest is None or earliest < latest:
            yield Window(earliest, latest)
            latest = earliest
        if earliest == window.earliest:
            return
        back *= GROWTH
