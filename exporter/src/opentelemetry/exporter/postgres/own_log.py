"""Log lines of the exporters themselves: for people, not among the telemetry whose loss they tell."""

import logging
from collections.abc import Iterator

_PACKAGE = logging.getLogger(__package__)


class PeopleOnly(logging.Handler):
    """Hands records to the handlers that the application has set up, but for those of OpenTelemetry, else to stderr.

    An OpenTelemetry handler takes the place of Python's last resort, so that nobody would read the line; and the
    writer's thread would wait for its lock while its holder waits for the writer.
    """

    def emit(self, record: logging.LogRecord) -> None:
        handlers = list(_handlers_above())
        if not handlers and logging.lastResort is not None:
            handlers = [logging.lastResort]
        for handler in handlers:
            if record.levelno >= handler.level:
                handler.handle(record)


def keep_apart() -> None:
    """Has this package's log lines go to people only, from now on."""
    if not any(isinstance(handler, PeopleOnly) for handler in _PACKAGE.handlers):
        _PACKAGE.addHandler(PeopleOnly())
        _PACKAGE.propagate = False


def _handlers_above() -> Iterator[logging.Handler]:
    logger = _PACKAGE.parent
    while logger is not None:
        for handler in logger.handlers:
            if not type(handler).__module__.startswith("opentelemetry."):
                yield handler
        logger = logger.parent if logger.propagate else None
