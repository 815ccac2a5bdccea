"""What an exporter is told by its constructor and by the environment."""

import logging
import math
import os
from dataclasses import dataclass

from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.redaction import Rules
from opentelemetry.exporter.postgres.rule_file import BadRules, read_rules

PREFIX = "OTEL_EXPORTER_POSTGRES"
TIMEOUT_MILLIS = 10_000.0
ERROR_FROM_STATUS = 400
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ExportSettings:
    """dsn: None where nothing is stored. seconds: how long one export may take."""

    dsn: str | None
    seconds: float
    rules: Rules | None = None


def settings_for(
    signal: Signal,
    dsn: str | None,
    timeout_millis: float | None,
    attribute_rules: str | None = None,
    attribute_hash_key: str | None = None,
) -> ExportSettings:
    """What was passed, else OTEL_EXPORTER_POSTGRES_<SIGNAL>_DSN, _TIMEOUT (ms), _ATTRIBUTE_RULES (a file) and
    _ATTRIBUTE_HASH_KEY, else those of all signals. With rules that cannot be used nothing is stored."""
    seconds = _millis(signal, timeout_millis) / 1000
    dsn = dsn or variable(signal, "DSN")
    if dsn is None:
        _log.error("%s_DSN is not set: no %s are stored", PREFIX, signal.name.lower())
    try:
        return ExportSettings(dsn, seconds, _rules(signal, attribute_rules, attribute_hash_key))
    except BadRules as error:
        _log.error("no %s are stored: %s", signal.name.lower(), error)
        return ExportSettings(None, seconds)


def _rules(signal: Signal, path: str | None, hash_key: str | None) -> Rules | None:
    path = path or variable(signal, "ATTRIBUTE_RULES")
    if path is None:
        return None
    return read_rules(path, hash_key or variable(signal, "ATTRIBUTE_HASH_KEY"), f"{PREFIX}_ATTRIBUTE_HASH_KEY")


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


def error_from_status() -> int:
    """OTEL_EXPORTER_POSTGRES_ERROR_FROM_STATUS: the HTTP status from which on a root span's trace is an error.

    For all exporters of the process, as OTELGRES_ERROR_FROM_STATUS is for all receivers.
    """
    text = os.environ.get(f"{PREFIX}_ERROR_FROM_STATUS") or str(ERROR_FROM_STATUS)
    status = int(text) if text.isdecimal() else 0
    if 400 <= status <= 599:
        return status
    _log.warning("%s_ERROR_FROM_STATUS is no status from 400 to 599: %r; %d is used", PREFIX, text, ERROR_FROM_STATUS)
    return ERROR_FROM_STATUS
