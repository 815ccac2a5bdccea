"""Our own log: standard logging, one line an event, on standard error."""

import logging
import re
import sys
from typing import TextIO

# Line ends and escape sequences: what came from outside stays within its line, and does nothing to a terminal.
_CONTROL = re.compile("[\x00-\x08\x0a-\x1f\x7f-\x9f\u2028\u2029]")


class _OneLine(logging.Formatter):
    """Control characters of messages are written as escapes; tracebacks keep their lines."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        return _CONTROL.sub(lambda found: repr(found[0])[1:-1], super().formatMessage(record))


def handler(stream: TextIO) -> logging.Handler:
    """Writes each record as one line, and the traceback that it may have."""
    writing = logging.StreamHandler(stream)
    writing.setFormatter(_OneLine("%(asctime)s %(levelname)-7s %(name)s: %(message)s"))
    return writing


def configure(level: str) -> None:
    """Send every record of at least this level to standard error as one line."""
    logging.basicConfig(level=level, handlers=[handler(sys.stderr)], force=True)
    for chatty in ("apscheduler", "uvicorn"):
        logging.getLogger(chatty).setLevel(max(logging.WARNING, logging.getLevelName(level)))
