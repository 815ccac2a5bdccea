"""How much of each channel goes on at once: a channel that hangs or asks to be left alone holds up no other."""

from dataclasses import dataclass
from datetime import datetime

MOST_AT_ONCE = 4


@dataclass
class Lane:
    """What this process does for one channel."""

    running: int = 0
    paused_until: datetime | None = None

    def room(self, now: datetime) -> int:
        """How many notices more it may take."""
        return 0 if self.pause(now) else MOST_AT_ONCE - self.running

    def pause(self, now: datetime) -> float:
        """Seconds until the channel wants to hear again."""
        return 0.0 if self.paused_until is None else max((self.paused_until - now).total_seconds(), 0.0)
