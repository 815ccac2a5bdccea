"""The decision: what becomes of each label set of a rule, given what was measured and what was known before."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from alerting.deciding.basis import basis_of
from alerting.deciding.changes import changes
from alerting.deciding.findings import CHANGED, CONDITION, ERROR, GONE, NO_DATA, Finding, findings, met_where_absent
from alerting.deciding.memory import Memory, memory_of
from alerting.deciding.passing import counted, is_over
from alerting.deciding.stepping import step
from alerting.deciding.windows import windows_seen
from alerting.measurements import Measured, Measurement
from alerting.rules import Rule
from alerting.states import Decision, Phase, State


def evaluate(rule: Rule, measurement: Measurement, states: Mapping[str, State], now: datetime) -> list[Decision]:
    """One decision for each label set that is known or worth knowing. states: by fingerprint.

    Of one label set FIRING and RESOLVED take turns in what successive calls return, if each is given the states that
    the one before left. A clock that jumps changes how much time counts, and nothing else.
    """
    basis = basis_of(rule)
    decisions = []
    for fingerprint, finding in findings(rule, measurement, states).items():
        before = states.get(fingerprint)
        decision = _decide(rule, basis, measurement, before, finding, now)
        if before is not None or not decision.forget:
            decisions.append(decision)
    return decisions


def _decide(
    rule: Rule, basis: str, measurement: Measurement, before: State | None, finding: Finding, now: datetime
) -> Decision:
    state = before or State(finding.labels, Phase.INACTIVE, now, now)
    known = memory_of(state.memory)
    elapsed = counted(state.evaluated_at, now, rule)
    memory, ending = known, None
    if isinstance(measurement, Measured):
        memory = replace(known, basis=basis, absent=known.absent + elapsed if finding.is_absent else 0.0)
        if known.basis not in ("", basis):
            memory, elapsed = Memory(basis, known.because, no_data=known.no_data), 0.0
            ending = None if _answers(rule, finding) else CHANGED
        elif _is_gone(rule, state.phase, memory, finding):
            ending = GONE
    phase = state.phase
    met = _met(memory, finding)
    if ending:
        phase, memory = Phase.INACTIVE, Memory(basis, no_data=known.no_data)
    elif met is not None:
        phase, memory = step(rule, phase, memory, met, finding.reason, elapsed)
    if finding.reason != ERROR and not (ending and finding.is_absent):
        memory = replace(memory, no_data=finding.reason == NO_DATA)
    after = State(
        labels=finding.labels,
        phase=phase,
        since=state.since if phase is state.phase else now,
        evaluated_at=now,
        value=state.value if finding.value is None else finding.value,
        memory=memory.as_json(),
    )
    return Decision(
        before,
        after,
        changes(state.phase, known, phase, memory, finding.reason, ending),
        finding.context,
        forget=finding.is_absent if ending else _says_nothing(rule, measurement, before, finding, phase, memory),
    )


def _answers(rule: Rule, finding: Finding) -> bool:
    """Whether a label set still is one of a rule that was changed, and its condition is met."""
    fits = not finding.is_absent or {name for name, _ in finding.labels} == set(rule.group_by)
    return fits and finding.met is True


def _is_gone(rule: Rule, phase: Phase, memory: Memory, finding: Finding) -> bool:
    """Whether a label set has been absent so long that nothing is decided on it any more.

    What is firing because it is absent goes on; once a person has resolved it, it is over.
    """
    undecided = finding.met is None or phase is Phase.INACTIVE
    evaluations = 1 + windows_seen(rule)
    absent_long = is_over(memory.absent, max(rule.window, evaluations * rule.interval), rule)
    return bool(finding.labels) and finding.is_absent and undecided and absent_long


def _met(memory: Memory, finding: Finding) -> bool | None:
    """Without data nothing keeps an alert firing that never rested on data."""
    if finding.met is None and finding.reason == NO_DATA and memory.because not in ("", CONDITION):
        return False
    return finding.met


def _says_nothing(
    rule: Rule, measurement: Measurement, before: State | None, finding: Finding, phase: Phase, memory: Memory
) -> bool:
    if phase is not Phase.INACTIVE or not memory.is_quiet:
        return False
    if not isinstance(measurement, Measured):
        return before is None
    if not finding.labels:
        return finding.is_absent
    return met_where_absent(rule, measurement) is not True
