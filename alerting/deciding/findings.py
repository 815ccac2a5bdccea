"""What a measurement says of each label set, by the rule's condition and its policies for no data and for errors."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from alerting.labels import Labels, fingerprint
from alerting.measurements import Failed, Measured, Measurement, Sample
from alerting.rules import Absence, Rule
from alerting.states import State

CONDITION = "condition"
NO_DATA = "no_data"
ERROR = "error"
GONE = "gone"
CHANGED = "changed"

_MET = {Absence.KEEP: None, Absence.OK: False, Absence.ALERT: True}


@dataclass(frozen=True)
class Finding:
    """met: whether the condition counts as met, None for no decision. reason: what that rests on.

    is_absent: the label set is not among the samples of a measurement that succeeded.
    """

    labels: Labels
    met: bool | None
    reason: str = CONDITION
    value: float | None = None
    is_absent: bool = False
    context: Mapping[str, Any] = field(default_factory=dict)


def findings(rule: Rule, measurement: Measurement, states: Mapping[str, State]) -> dict[str, Finding]:
    """By fingerprint, for each label set that was measured or is known. Where there is none the empty one stands for
    the rule, so that no data and errors can be alerted on; it is gone when others come."""
    if isinstance(measurement, Failed):
        return _of_failure(rule, states)
    found = {fingerprint(sample.labels): _of_sample(rule, sample) for sample in measurement.samples}
    has_others = bool(found)
    for known, state in states.items():
        if known not in found:
            found[known] = _of_absent(rule, state.labels, measurement, has_others)
    return found or {"": _of_absent(rule, (), measurement, has_others)}


def met_where_absent(rule: Rule, measurement: Measured) -> bool | None:
    """What is found of a known label set that is not among the samples."""
    if measurement.missing is None:
        return _MET[rule.on_no_data]
    return rule.condition.holds(measurement.missing, rule.threshold)


def _of_failure(rule: Rule, states: Mapping[str, State]) -> dict[str, Finding]:
    """Where errors are alerted on, one alert of the empty label set says it: the others stay as they are."""
    met = _MET[rule.on_error]
    known = {print_: state.labels for print_, state in states.items()}
    if met or not known:
        known[""] = ()
    return {print_: Finding(labels, None if met and labels else met, ERROR) for print_, labels in known.items()}


def _of_sample(rule: Rule, sample: Sample) -> Finding:
    if sample.value is None or math.isnan(sample.value):
        return Finding(sample.labels, _MET[rule.on_no_data], NO_DATA, context=sample.context)
    met = rule.condition.holds(sample.value, rule.threshold)
    return Finding(sample.labels, met, value=sample.value, context=sample.context)


def _of_absent(rule: Rule, labels: Labels, measurement: Measured, has_others: bool) -> Finding:
    if not labels and has_others:
        return Finding(labels, False, GONE, is_absent=True)
    if not labels or measurement.missing is None:
        return Finding(labels, _MET[rule.on_no_data], NO_DATA, is_absent=True)
    return Finding(labels, met_where_absent(rule, measurement), value=measurement.missing, is_absent=True)
