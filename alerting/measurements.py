"""What measuring a rule yields, and evaluation decides by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from alerting.labels import Labels


@dataclass(frozen=True)
class Sample:
    """A value of one label set; None where there is no data for it.

    context: what helps whoever is told, as JSON: `rows` (a few of what was counted), `trace_id`, `note`.
    """

    labels: Labels
    value: float | None
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Measured:
    """A measurement that succeeded. Each label set comes once; a rule without groups has exactly one sample.

    missing: the value of a label set that is known from before and not among the samples, None where that is no data.
    Counts are 0 then.
    """

    samples: Sequence[Sample]
    missing: float | None = None


@dataclass(frozen=True)
class Failed:
    """A measurement that did not come about, and why, for people."""

    error: str


Measurement = Measured | Failed
