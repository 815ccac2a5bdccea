"""What rules can measure: by metric type, which of a rule's fields count, and how."""

from collections.abc import Awaitable, Callable, Collection, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

from alerting.measurements import Measured
from alerting.measuring import gen_ai, metrics
from alerting.measuring.asked import Asked, Unmeasurable
from alerting.measuring.gen_ai import GenAi
from alerting.measuring.memory import measure_memory
from alerting.measuring.searched import Question, both, expression_of, labels_sql, measure_rows
from alerting.measuring.subjects import OF_LOGS, OF_SPANS, OF_TRACES, Subject
from query_api.search.arguments import Arguments
from query_api.search.expression import Equals, Exists, Order, Term
from query_api.search.signals import METRICS, Signal

CUSTOM_SQL = "custom_sql"
SEARCHES = ("query", "of_query")

ERRORS = Term("level", Order(">=", "error"))
FAILED = Term("trace.status", Equals("error"))
ENDED = Term("trace.duration", Exists())


Measure = Callable[[Any, Asked], Awaitable[Measured]]
"""Takes a connection."""


@dataclass(frozen=True)
class MetricType:
    """measure: None for what another connection runs. fields: those of a rule that say more, of query, of_query,
    metric_name, aggregation and group_by.

    aggregations: those it may have, the first where it has none. group_by: the fields that it is grouped by; None for
    any that `grouped` has, where attributes are fields too. searched: the fields of its searches.
    """

    measure: Measure | None
    fields: frozenset[str] = frozenset({"group_by"})
    aggregations: tuple[str, ...] = ()
    group_by: Collection[str] | None = None
    searched: Signal | None = None
    grouped: Signal | None = None

    def unreadable(self, asked: Asked) -> Iterator[Unmeasurable]:
        """What is wrong with its searches, and with what it is grouped by."""
        readings: list[Callable[[], object]] = []
        if self.searched is not None:
            readings += [partial(expression_of, asked, name, self.searched) for name in SEARCHES if name in self.fields]
        if self.grouped is not None:
            readings.append(partial(labels_sql, self.grouped, asked.rule.group_by, Arguments()))
        for reading in readings:
            try:
                reading()
            except Unmeasurable as error:
                yield error


def _searched(subject: Subject) -> MetricType:
    async def measure(connection: Any, asked: Asked) -> Measured:
        aggregation = asked.rule.aggregation or subject.aggregations[0]
        query = expression_of(asked, "query", subject.searched)
        if aggregation == "ratio":
            question = Question(subject, aggregation, expression_of(asked, "of_query", subject.searched), query)
        else:
            question = Question(subject, aggregation, query)
        return await measure_rows(connection, asked, question)

    fields = frozenset({"query", "of_query", "aggregation", "group_by"})
    return MetricType(measure, fields, subject.aggregations, searched=subject.searched, grouped=subject.grouped)


def _plain(subject: Subject, aggregation: str, whole: Term | None = None, part: Term | None = None) -> MetricType:
    """What the contract names, narrowed down by the rule's search if it has one."""

    async def measure(connection: Any, asked: Asked) -> Measured:
        query = expression_of(asked, "query", subject.searched)
        return await measure_rows(connection, asked, Question(subject, aggregation, both(whole, query), part))

    return MetricType(measure, frozenset({"query", "group_by"}), searched=subject.searched, grouped=subject.grouped)


def _gen_ai(figure: GenAi) -> MetricType:
    return MetricType(figure.measure, group_by=figure.fields.keys())


METRIC_TYPES = {
    "error_count": _plain(OF_LOGS, "count", whole=ERRORS),
    "error_rate": _plain(OF_TRACES, "percent", whole=ENDED, part=FAILED),
    "latency_p95": _plain(OF_TRACES, "p95", whole=ENDED),
    "rag_latency_p95": _gen_ai(gen_ai.RAG_LATENCY_P95),
    "llm_cost": _gen_ai(gen_ai.LLM_COST),
    "llm_cost_hourly": _gen_ai(gen_ai.LLM_COST),
    "cache_hit_rate": _gen_ai(gen_ai.CACHE_HIT_RATE),
    "cache_miss": _gen_ai(gen_ai.CACHE_MISS),
    "memory_percent": MetricType(measure_memory, grouped=METRICS),
    "logs": _searched(OF_LOGS),
    "spans": _searched(OF_SPANS),
    "traces": _searched(OF_TRACES),
    "metric": MetricType(
        metrics.measure_metric,
        frozenset({"query", "metric_name", "aggregation", "group_by"}),
        metrics.AGGREGATIONS,
        searched=METRICS,
        grouped=METRICS,
    ),
    CUSTOM_SQL: MetricType(None, fields=frozenset()),
}
