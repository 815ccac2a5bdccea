"""Queries of Grafana's dashboards for PostgreSQL, with variables and macros in place of which Grafana puts values."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

_VARIABLE = re.compile(r"\$(\w+)|\$\{(\w+)(?::(\w+))?\}|\[\[(\w+)(?::(\w+))?\]\]", re.ASCII)
# An argument ends at the first closing parenthesis, as in Grafana.
_MACRO = re.compile(r"\$([_a-zA-Z0-9]+)\(([^)]*)\)")
_INTERVAL = re.compile(r"(\d+)(ms|s|m|h|d)", re.ASCII)
_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}
_QUOTED = {"'": "''", '"': '\\"'}


class UnknownMacro(ValueError):
    """Of this name Grafana's data source knows none."""


@dataclass(frozen=True)
class Query:
    """A query of a dashboard: of a panel, a variable or annotations."""

    dashboard: str
    place: str
    panel: str
    format: str
    sql: str


@dataclass(frozen=True)
class Moment:
    """What Grafana asks for: a window, and the width of a step in it."""

    since: datetime
    until: datetime
    interval: str = "1m"

    def expanded(self, sql: str, variables: Mapping[str, str | Sequence[str]]) -> str:
        """What PostgreSQL gets. Variables come first, so a value may hold what looks like a macro. KeyError,
        UnknownMacro."""
        milliseconds = round(_seconds(self.interval) * 1000)
        known = {"__interval": self.interval, "__interval_ms": str(milliseconds), **variables}

        def value(found: re.Match[str]) -> str:
            name, format_ = found[1] or found[2] or found[4], found[3] or found[5] or ""
            if found[1] and name not in known and sql[found.end() :].startswith("("):
                return found[0]
            return _formatted(known[name], format_)

        return _MACRO.sub(self._macro, _VARIABLE.sub(value, sql))

    def _macro(self, found: re.Match[str]) -> str:
        arguments = [argument.strip(" ") for argument in found[2].split(",")]
        macros: dict[str, Callable[..., str]] = {
            "__time": lambda column: f'{column} AS "time"',
            "__timeEpoch": lambda column: f'extract(epoch from {column}) as "time"',
            "__timeFilter": lambda column: f"{column} BETWEEN '{_literal(self.since)}' AND '{_literal(self.until)}'",
            "__timeFrom": lambda *_: f"'{_literal(self.since)}'",
            "__timeTo": lambda *_: f"'{_literal(self.until)}'",
            "__timeGroup": _time_group,
            "__timeGroupAlias": lambda *given: f'{_time_group(*given)} AS "time"',
        }
        name = found[1]
        # Grafana takes a group before a comma for one of a column list.
        if name == "__timeGroup" and found.string[found.end() :].startswith(","):
            name = "__timeGroupAlias"
        if name not in macros:
            raise UnknownMacro(name)
        return macros[name](*arguments)


def queries(dashboard: Mapping[str, Any]) -> Iterator[Query]:
    """Every query of a dashboard."""
    uid = dashboard["uid"]
    for panel in dashboard["panels"]:
        for target in panel["targets"]:
            yield Query(uid, f"{panel['title']} ({panel['id']})", panel["type"], target["format"], target["rawSql"])
    for variable in dashboard["templating"]["list"]:
        if variable["type"] == "query":
            yield Query(uid, variable["name"], "variable", "table", variable["query"])
    for annotation in dashboard["annotations"]["list"]:
        target = annotation["target"]
        yield Query(uid, annotation["name"], "annotations", target["format"], target["rawSql"])


def _formatted(value: str | Sequence[str], format_: str) -> str:
    values = [value] if isinstance(value, str) else list(value)
    match format_:
        case "sqlstring":
            return ",".join("'" + re.sub("['\"]", lambda quote: _QUOTED[quote[0]], each) + "'" for each in values)
        case "":
            return ",".join(values)
    raise ValueError(f"no format {format_}")


def _time_group(column: str, interval: str, fill: str = "") -> str:
    if fill:
        raise ValueError("what Grafana fills in no query asks for")
    seconds = f"{_seconds(interval.strip(chr(39))):.15g}"
    return f"floor(extract(epoch from {column})/{seconds})*{seconds}"


def _seconds(interval: str) -> float:
    found = _INTERVAL.fullmatch(interval)
    if found is None:
        raise ValueError(f"no interval: {interval}")
    return int(found[1]) * _SECONDS[found[2]]


def _literal(moment: datetime) -> str:
    """RFC 3339 in UTC, without zeros at the end of the fraction."""
    text = moment.astimezone(UTC).replace(tzinfo=None).isoformat()
    return (text.rstrip("0") if moment.microsecond else text) + "Z"
