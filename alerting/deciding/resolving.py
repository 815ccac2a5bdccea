"""What is known of a label set once a person has resolved its alert."""

from dataclasses import replace
from datetime import datetime

from alerting.deciding.memory import memory_of
from alerting.states import Phase, State


def resolved_by_person(state: State, now: datetime) -> State:
    """Inactive, so that evaluations open another instance if the condition goes on to be met.

    How often it turned and how long it has been absent stays remembered.
    """
    memory = replace(memory_of(state.memory), because="", held=0.0, windows="")
    return replace(state, phase=Phase.INACTIVE, since=now, memory=memory.as_json())
