"""The next phase of a label set, when it is known whether the condition was met."""

from dataclasses import replace

from alerting.deciding.flapping import is_flapping, with_turn
from alerting.deciding.memory import Memory
from alerting.deciding.passing import is_over
from alerting.deciding.windows import holds, with_window
from alerting.rules import Rule
from alerting.states import Phase


def step(rule: Rule, phase: Phase, memory: Memory, met: bool, reason: str, elapsed: float) -> tuple[Phase, Memory]:
    """elapsed: seconds since the last evaluation, as far as they count."""
    windows = with_window(memory.windows, met, rule)
    held = holds(windows, rule, held=phase in (Phase.PENDING, Phase.FIRING))
    seconds = memory.held + elapsed if phase in (Phase.PENDING, Phase.RECOVERING) else 0.0
    fires = held and (phase.is_open or is_over(seconds if phase is Phase.PENDING else 0.0, rule.pending_for, rule))
    turns = with_turn(memory.turns, turned=fires != (phase is Phase.FIRING))
    flapping = is_flapping(turns, memory.flapping)
    if held:
        after = Phase.FIRING if fires else Phase.PENDING
    elif phase.is_open and (flapping or not _has_recovered(rule, phase, seconds)):
        after = Phase.RECOVERING
    else:
        after = Phase.INACTIVE
    because = reason if held and met else memory.because if after is not Phase.INACTIVE else ""
    counts = after is phase and after in (Phase.PENDING, Phase.RECOVERING)
    return after, replace(
        memory,
        because=because,
        held=seconds if counts else 0.0,
        windows=windows if rule.windows_seen > 1 else "",
        turns="" if "1" not in turns or (memory.flapping and not flapping) else turns,
        flapping=flapping,
    )


def _has_recovered(rule: Rule, phase: Phase, seconds: float) -> bool:
    return is_over(seconds if phase is Phase.RECOVERING else 0.0, rule.keep_firing_for, rule)
