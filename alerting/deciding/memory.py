"""What evaluation remembers of a label set beside its phase: State.memory."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Memory:
    """All of it is bounded, whatever happens.

    basis: what the rule asked when this was learned, see `basis_of`. because: why it is pending or firing.
    held: seconds that count for pending or recovering. absent: seconds without a sample of this label set.
    windows, turns: a digit for each of the last evaluations, the newest at the end; 1 where the condition was met, and
    where the alert began or ceased to fire. flapping, no_data: what the history says of it.
    """

    basis: str = ""
    because: str = ""
    held: float = 0.0
    absent: float = 0.0
    windows: str = ""
    turns: str = ""
    flapping: bool = False
    no_data: bool = False

    @property
    def is_quiet(self) -> bool:
        """Whether it holds nothing that a later decision could depend on."""
        return not self.flapping and "1" not in self.windows + self.turns

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if value != _DEFAULTS[name]}


_DEFAULTS = {field.name: field.default for field in fields(Memory)}


def memory_of(stored: Mapping[str, Any]) -> Memory:
    """From what `as_json` made; names of another version are left out."""
    return Memory(**{name: value for name, value in stored.items() if name in _DEFAULTS})
