"""Exports, forks while the parent's connection is open, exports in both, and exits in both."""

import logging
import os

from opentelemetry import _logs, trace

tracer = trace.get_tracer("forking")
logger = logging.getLogger("forking")
logger.setLevel(logging.INFO)


def record(name: str) -> None:
    with tracer.start_as_current_span(name):
        logger.info(name)
    assert trace.get_tracer_provider().force_flush()  # type: ignore[attr-defined]
    assert _logs.get_logger_provider().force_flush()  # type: ignore[attr-defined]


record("before")
children = []
for number in range(3):
    child = os.fork()
    if child == 0:
        record(f"child {number}")
        with tracer.start_as_current_span(f"last of child {number}"):
            pass
        raise SystemExit(0)
    children.append(child)
record("beside")
for child in children:
    assert os.waitpid(child, 0)[1] == 0
record("after")
