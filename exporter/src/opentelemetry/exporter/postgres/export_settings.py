"""What an exporter is told by its constructor and by the environment."""

import logging
import math
import os
from dataclasses import dataclass

from opentelemetry.exporter.postgres.batch import Signal

PREFIX = "OTEL_EXPORTER_POSTGRES"
TIMEOUT_MILLIS = 10_000.0
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ExportSettings:
    """dsn: None where nobody named a database. seconds: how long one export may take."""

    dsn: str | None
    seconds: float


def settings_for(signal: Signal, dsn: str | None, timeout_millis: float | None) -> ExportSettings:
    """What was passed, else OTEL_EXPORTER_POSTGRES_<SIGNAL>_DSN and _TIMEOUT (ms), else those of all signals."""
    dsn = dsn or variable(signal, "DSN")
    if dsn is None:
        _log.error("%s_DSN is not set: no %s are stored", PREFIX, signal.name.lower())
    return ExportSettings(dsn, _millis(signal, timeout_millis) / 1000)


def variable(signal: Signal, name: str) -> str | None:
    """OTEL_EXPORTER_POSTGRES_<SIGNAL>_<name>, else that of all signals; None where neither says anything."""
    return os.environ.get(f"{PREFIX}_{signal.name}_{name}") or os.environ.get(f"{PREFIX}_{name}") or None


def _millis(signal: Signal, given: float | None) -> float:
    text = variable(signal, "TIMEOUT")
    if given is None and text is None:
        return TIMEOUT_MILLIS
    try:
        millis = float(text or "") if given is None else float(given)
    except (TypeError, ValueError):
        millis = math.nan
    if 0 < millis < math.inf:
        return millis
    _log.warning(
        "the time-out %r for %s is no number of milliseconds: %d is used",
        text if given is None else given,
        signal.name.lower(),
        TIMEOUT_MILLIS,
    )
    return TIMEOUT_MILLIS
