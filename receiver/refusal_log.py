"""Log lines about refusals: one when a kind begins, one a minute while it lasts, one when it is over."""

import logging
from dataclasses import dataclass

SUMMARY_SECONDS = 60.0
OVER_AFTER_SECONDS = 60.0
MAX_EXAMPLE = 300
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Spell:
    requests: int
    unsaid: int
    said_at: float
    last: float


class RefusalLog:
    """Says once what is refused, however many requests it hits. Times are seconds of a monotonic clock."""

    def __init__(self) -> None:
        self._spells: dict[str, _Spell] = {}

    def refused(self, kind: str, example: str, now: float, error: BaseException | None = None) -> None:
        """One more request. There MUST be few kinds. `error`: of a defect, whose traceback is shown once."""
        spell = self._spells.get(kind)
        if spell is None:
            self._spells[kind] = _Spell(1, 0, now, now)
            _log.warning("requests are %s: %s", kind, " ".join(example.split())[:MAX_EXAMPLE], exc_info=error)
            return
        spell.requests += 1
        spell.unsaid += 1
        spell.last = now

    def tick(self, now: float) -> None:
        """Says what is due; to be called every few seconds."""
        for kind, spell in list(self._spells.items()):
            if now - spell.last >= OVER_AFTER_SECONDS:
                del self._spells[kind]
                _log.warning("no more requests are %s; there were %d", kind, spell.requests)
            elif spell.unsaid and now - spell.said_at >= SUMMARY_SECONDS:
                _log.warning("requests are %s: %d more, %d so far", kind, spell.unsaid, spell.requests)
                spell.unsaid, spell.said_at = 0, now
