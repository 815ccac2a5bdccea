"""Whether the fields of a rule go together, as far as it can be told without a look at the data."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from query_api.metrics.aggregation import Aggregation
from query_api.search.errors import SearchError
from query_api.search.signals import LOGS, METRICS, SPANS, Signal
from query_api.searching import search_of

EXTERNAL = "external"
"""Of rules whose alerts come from elsewhere; nobody makes one by hand."""

PLAIN = (
    "error_count",
    "error_rate",
    "latency_p95",
    "rag_latency_p95",
    "llm_cost",
    "llm_cost_hourly",
    "cache_hit_rate",
    "cache_miss",
    "memory_percent",
)
COUNTED = ("count", "rate", "ratio", "absence")
TIMED = ("avg", "max", "p50", "p90", "p95", "p99")


@dataclass(frozen=True)
class Searched:
    """A metric type that a search narrows down."""

    signal: Signal
    aggregations: tuple[str, ...]


SEARCHED = {
    "logs": Searched(LOGS, COUNTED),
    "traces": Searched(SPANS, COUNTED + TIMED),
    "metric": Searched(METRICS, (*(each.value for each in Aggregation), "absence")),
}
METRIC_TYPES = (*PLAIN, "custom_sql", *SEARCHED)


@dataclass(frozen=True)
class Mistake:
    """What is wrong with a field, for people; of a search also where, and what could stand there."""

    field: str
    message: str
    position: int | None = None
    expected: tuple[str, ...] = ()


def mistakes(rule: Mapping[str, Any], now: datetime) -> list[Mistake]:
    """rule: the fields of a Definition, or a row of enterprise.alert_rules."""
    return [*_of_type(rule), *_of_searches(rule, now), *_of_windows(rule)]


def _of_type(rule: Mapping[str, Any]) -> Iterator[Mistake]:
    kind, aggregation = rule["metric_type"], rule["aggregation"]
    if kind not in METRIC_TYPES:
        yield Mistake("metric_type", f"must be one of {', '.join(METRIC_TYPES)}")
    if kind == "custom_sql" and not (rule["custom_sql"] or "").strip():
        yield Mistake("custom_sql", "is needed for custom_sql")
    if kind == "metric" and not rule["metric_name"]:
        yield Mistake("metric_name", "is needed for metric")
    if kind in SEARCHED and aggregation is not None and aggregation not in SEARCHED[kind].aggregations:
        yield Mistake("aggregation", f"must be one of {', '.join(SEARCHED[kind].aggregations)} for {kind}")
    if kind in SEARCHED and aggregation == "ratio" and rule["of_query"] is None:
        yield Mistake("of_query", "is needed for a ratio")


def _of_searches(rule: Mapping[str, Any], now: datetime) -> Iterator[Mistake]:
    searched = SEARCHED.get(rule["metric_type"])
    if searched is None:
        return
    for name in ("query", "of_query"):
        try:
            search_of(searched.signal, rule[name], now)
        except SearchError as error:
            yield Mistake(name, str(error), error.position, tuple(error.expected))


def _of_windows(rule: Mapping[str, Any]) -> Iterator[Mistake]:
    if rule["windows_needed"] > rule["windows_seen"]:
        yield Mistake("windows_needed", "must not be more than windows_seen")
