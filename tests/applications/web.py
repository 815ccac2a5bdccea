"""A WSGI application whose every answer is a span and a log record, and names the process that gave it."""

import logging
import os
from collections.abc import Callable, Iterable

from opentelemetry import trace

tracer = trace.get_tracer("web")
logger = logging.getLogger("web")
logger.setLevel(logging.INFO)
# Recorded in the process that loads the application: with preloading the parent, which exports it as well.
with tracer.start_as_current_span("load"):
    pass


def application(environ: dict[str, str], start_response: Callable[..., object]) -> Iterable[bytes]:
    with tracer.start_as_current_span("answer") as span:
        span.set_attribute("worker", os.getpid())
        logger.info("answered")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [str(os.getpid()).encode()]
