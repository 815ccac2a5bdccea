"""Retrievals, calls of models and look-ups in caches, by the views that the contract names."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from alerting.measurements import Measured
from alerting.measuring.asked import Asked
from alerting.measuring.samples import MOST_SAMPLES, ROWS_SHOWN, Statement, explained, samples_of
from database.queries import load
from query_api.search.arguments import Arguments

SQL = load(__package__)

PEOPLE = {"user_email": "user_email", "department": "department", "session_id": "session_id"}
ANYWHERE = PEOPLE | dict.fromkeys(("service", "service_name", "service.name"), "service_name")
KEPT = ("service_name", "model", "data_source", "cost_usd", "total_ms", "documents", "trace_id")


@dataclass(frozen=True)
class GenAi:
    """A figure over a view. nothing: its value without rows. counted, order: which rows say most about it.

    fields: what it is grouped by, with the columns.
    """

    view: str
    figure: str
    nothing: float | None
    order: str
    fields: Mapping[str, str]
    counted: str = "true"

    async def measure(self, connection: Any, asked: Asked) -> Measured:
        names = asked.rule.group_by
        arguments = Arguments((asked.since, asked.until))
        text = SQL["gen_ai_measured"].format(
            labels=self._labels(names), figure=self.figure, view=self.view, most=MOST_SAMPLES + 1
        )
        rows = await connection.fetch(text, *arguments.values)
        measured = samples_of(rows, names, self.nothing)
        return await explained(connection, asked, measured, lambda values: self._shown(asked, values), _kept)

    def _labels(self, names: Sequence[str]) -> str:
        values = ", ".join(f"coalesce({self.fields[name]}::text, '')" for name in names)
        return f"ARRAY[{values}]::text[]"

    def _shown(self, asked: Asked, values: Sequence[str]) -> Statement:
        arguments = Arguments((asked.since, asked.until))
        text = SQL["gen_ai_shown"].format(
            view=self.view,
            labels=self._labels(asked.rule.group_by),
            values=arguments.add(list(values), "text[]"),
            counted=self.counted,
            order=self.order,
            most=ROWS_SHOWN,
        )
        return text, arguments.values


def _kept(row: Mapping[str, Any]) -> dict[str, Any]:
    found = row["row"]
    kept = {"time": found["timestamp"], "name": found.get("operation_name")}
    return kept | {name: found.get(name) for name in KEPT}


_OF_CALLS = ANYWHERE | {"model": "model", "provider": "provider", "operation": "operation"}
_OF_LOOKUPS = ANYWHERE | {"name": "name"}

RAG_LATENCY_P95 = GenAi(
    "rag_metrics",
    "percentile_cont(0.95) WITHIN GROUP (ORDER BY total_ms)",
    None,
    "total_ms",
    ANYWHERE | {"data_source": "data_source", "model": "model", "provider": "provider"},
)
LLM_COST = GenAi("llm_call_metrics", "coalesce(sum(cost_usd), 0)::float8", 0.0, "cost_usd", _OF_CALLS)
CACHE_HIT_RATE = GenAi(
    "cache_lookups",
    "100 * count(*) FILTER (WHERE hit)::float8 / count(*)",
    100.0,
    "timestamp",
    _OF_LOOKUPS,
    counted="hit IS NOT TRUE",
)
CACHE_MISS = GenAi(
    "cache_lookups",
    "100 * count(*) FILTER (WHERE hit IS NOT TRUE)::float8 / count(*)",
    0.0,
    "timestamp",
    _OF_LOOKUPS,
    counted="hit IS NOT TRUE",
)
