"""What is kept, in lines for people."""

from collections.abc import Iterator
from datetime import datetime

from pydantic import ByteSize

from query_api.retention.models import KeptSignal, RetentionState


def lines(state: RetentionState) -> list[str]:
    """The signals, the size, and what is wrong, if anything is."""
    return [*map(_signal, state.signals), *_size(state), *_run(state)]


def _signal(signal: KeptSignal) -> str:
    if signal.kept_from is None:
        return f"{signal.signal}: nothing yet; kept for {signal.keep_days} days"
    goes = "" if signal.next_drop_at is None else f"; the oldest go at {_time(signal.next_drop_at)}"
    return (
        f"{signal.signal}: since {_time(signal.kept_from)}, about {signal.rows} in {signal.partitions} partitions, "
        f"{_bytes(signal.bytes)}; kept for {signal.keep_days} days{goes}"
    )


def _size(state: RetentionState) -> Iterator[str]:
    if state.bytes is not None:
        bound = "no bound is set" if state.cap_bytes is None else f"at most {_bytes(state.cap_bytes)}"
        yield f"all telemetry: {_bytes(state.bytes)}; {bound}"
    if state.over_bytes:
        yield f"TOO MUCH by {_bytes(state.over_bytes)}: {state.over_why}"


def _run(state: RetentionState) -> Iterator[str]:
    yield f"pinned traces: {state.pins}; rules of services and levels: {state.rules}"
    if state.late_seconds:
        waiting = ", ".join(state.postponed[:3])
        yield f"LATE by {state.late_seconds / 3600:.1f} hours: somebody reads {waiting}"
    if state.last_error is not None:
        yield f"FAILING: {state.last_error}"
    done = "never" if state.last_succeeded_at is None else _time(state.last_succeeded_at)
    yield f"last run that succeeded: {done}"


def _bytes(number: int) -> str:
    return ByteSize(number).human_readable()


def _time(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
