"""Work in a thread that has to end."""

import time


class Allowance:
    """Until when work may go on. Whoever works MUST check it often; whoever waits MAY end it early."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def end(self) -> None:
        self._until = 0.0

    def check(self) -> None:
        """Raises TimeoutError when the work has to stop."""
        if time.monotonic() > self._until:
            raise TimeoutError
