"""A WSGI application whose every answer is a span, a log record and a count, and names the process that gave it."""

import logging
import os
from collections.abc import Callable, Iterable

from opentelemetry import metrics, trace

tracer = trace.get_tracer("web")
logger = logging.getLogger("web")
logger.setLevel(logging.INFO)
answers = metrics.get_meter("web").create_counter("answers")
# Recorded in the process that loads the application: with preloading the parent, which exports it as well.
with tracer.start_as_current_span("load"):
    pass


def application(environ: dict[str, str], start_response: Callable[..., object]) -> Iterable[bytes]:
    with tracer.start_as_current_span("answer") as span:
        span.set_attribute("worker", os.getpid())
        logger.info("answered")
        answers.add(1, {"process": os.getpid()})
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]
