"""What happened, told from what was known before and what is known after."""

from collections.abc import Iterator

from alerting.deciding.flapping import LOOKED_AT
from alerting.deciding.memory import Memory
from alerting.states import Change, Event, Phase

_OF_PHASES = {
    (Phase.INACTIVE, Phase.PENDING): Change.PENDING,
    (Phase.INACTIVE, Phase.FIRING): Change.FIRING,
    (Phase.PENDING, Phase.INACTIVE): Change.INACTIVE,
    (Phase.PENDING, Phase.FIRING): Change.FIRING,
    (Phase.FIRING, Phase.RECOVERING): Change.RECOVERING,
    (Phase.FIRING, Phase.INACTIVE): Change.RESOLVED,
    (Phase.RECOVERING, Phase.FIRING): Change.STILL_FIRING,
    (Phase.RECOVERING, Phase.INACTIVE): Change.RESOLVED,
}


def changes(
    phase: Phase, known: Memory, after: Phase, memory: Memory, found: str, ending: str | None
) -> tuple[Event, ...]:
    """In the order in which they read as a story. found: what the finding rests on; ending: why it is over at once."""
    return tuple(_changes(phase, known, after, memory, found, ending or found))


def _changes(phase: Phase, known: Memory, after: Phase, memory: Memory, found: str, reason: str) -> Iterator[Event]:
    if known.no_data != memory.no_data:
        yield Event(Change.NO_DATA if memory.no_data else Change.DATA_AGAIN, found)
    if known.flapping and not memory.flapping:
        yield Event(Change.STEADY, reason)
    if phase is not after:
        detail = {"windows": memory.windows} if memory.windows else {}
        yield Event(_OF_PHASES[phase, after], reason, detail)
    if memory.flapping and not known.flapping:
        yield Event(Change.FLAPPING, reason, {"turns": memory.turns.count("1"), "evaluations": LOOKED_AT})
