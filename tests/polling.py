"""Waiting for what another task or process does."""

import time
from collections.abc import Callable

SECONDS = 20.0


def until(condition: Callable[[], object], seconds: float = SECONDS) -> None:
    """Returns as soon as it holds; an AssertionError when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.02)
