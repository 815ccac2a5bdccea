"""Exports, forks while the parent's connections are open, exports in both; the parent ends on SIGTERM."""

import gc
import logging
import os
import signal
import sys

from opentelemetry import _logs, metrics, trace

tracer = trace.get_tracer("forking")
counter = metrics.get_meter("forking").create_counter("records")
logger = logging.getLogger("forking")
logger.setLevel(logging.INFO)


def record(name: str) -> None:
    with tracer.start_as_current_span(name):
        logger.info(name)
        counter.add(1, {"process": os.getpid()})
    assert trace.get_tracer_provider().force_flush()  # type: ignore[attr-defined]
    assert _logs.get_logger_provider().force_flush()  # type: ignore[attr-defined]
    assert metrics.get_meter_provider().force_flush()  # type: ignore[attr-defined]


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
record("before")
children = []
for number in range(3):
    child = os.fork()
    if child == 0:
        # What is left of the parent's connections must not be ended here, where it would be ended for the parent.
        gc.collect()
        record(f"child {number}")
        with tracer.start_as_current_span(f"last of child {number}"):
            pass
        raise SystemExit(0)
    children.append(child)
record("beside")
for child in children:
    assert os.waitpid(child, 0)[1] == 0
record("after")
signal.pause()
