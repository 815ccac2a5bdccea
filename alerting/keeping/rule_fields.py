"""The fields of a rule as people give them, each with its bounds."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from alerting.measuring.samples import MOST_LABELS
from query_api.body_fields import Line, each_once
from query_api.parameters import without_nul

WEEK_SECONDS = 7 * 24 * 3600
MONTH_MINUTES = 30 * 24 * 60
MOST_WINDOWS = 20
RESERVED_LABELS = frozenset({"alertname", "severity"})


def _not_reserved(labels: dict[str, str]) -> dict[str, str]:
    if taken := RESERVED_LABELS & labels.keys():
        raise ValueError(f"must not have {' and '.join(sorted(taken))}, which alerts have from their rule")
    return labels


Stored = AfterValidator(without_nul)
LabelValue = Annotated[str, Field(max_length=1_000), Stored]
AnnotationValue = Annotated[str, Field(max_length=10_000), Stored]
Seconds = Annotated[int, Field(ge=0, le=WEEK_SECONDS)]
Evaluations = Annotated[int, Field(ge=1, le=MOST_WINDOWS)]
Absence = Literal["keep", "ok", "alert"]

Name = Annotated[Line, Field(examples=["High Error Rate"])]
Description = Annotated[str, Field(max_length=10_000, examples=["More than 10 errors in 5 minutes"]), Stored]
MetricType = Annotated[
    Line,
    Field(
        examples=["error_count"],
        description="error_count, error_rate, latency_p95, rag_latency_p95, llm_cost, llm_cost_hourly, cache_hit_rate, "
        "cache_miss, memory_percent, custom_sql; logs, spans, traces or metric, which a search narrows down.",
    ),
]
Comparison = Annotated[
    Literal["gt", "lt", "gte", "lte", "eq", "neq"],
    Field(examples=["gt"], description="How the value is compared with the threshold."),
]
Threshold = Annotated[float, Field(allow_inf_nan=False, examples=[10])]
WindowMinutes = Annotated[
    int, Field(ge=1, le=MONTH_MINUTES, examples=[5], description="What an evaluation looks back on.")
]
IntervalSeconds = Annotated[int, Field(ge=1, le=86_400, examples=[60], description="Between two evaluations.")]
CustomSql = Annotated[
    str,
    Field(max_length=20_000, examples=[None], description="For custom_sql: one SELECT that gives a number."),
    Stored,
]
Severity = Annotated[Literal["info", "warning", "critical"], Field(examples=["critical"])]
Channels = Annotated[
    list[Line],
    Field(max_length=50, examples=[["slack", "email"]], description="Who is told, where no route says otherwise."),
    AfterValidator(each_once),
]
CooldownMinutes = Annotated[
    int,
    Field(ge=0, le=MONTH_MINUTES, examples=[15], description="No new notice for so long after one of a firing."),
]
Query = Annotated[
    str,
    Field(
        max_length=4_096,
        examples=["service:checkout level:error"],
        description="A search, as lists take it by `q`: which logs, spans or series of a metric are looked at.",
    ),
    Stored,
]
OfQuery = Annotated[
    str,
    Field(max_length=4_096, examples=["service:checkout"], description="Of a ratio: the search that gives the whole."),
    Stored,
]
MetricName = Annotated[
    str, Field(max_length=1_000, examples=["http.server.active_requests"], description="For metric."), Stored
]
Aggregation = Annotated[
    str,
    Field(
        max_length=20,
        examples=["count"],
        description="What is made of what the search finds: for logs count, rate, ratio, absence; for spans and traces "
        "also avg, max, p50, p90, p95, p99 of durations in ms; for metric those of `/metrics/query` and absence.",
    ),
    Stored,
]
GroupBy = Annotated[
    list[Line],
    Field(
        max_length=MOST_LABELS,
        examples=[["service"]],
        description="Fields of a search: an alert for each of their values.",
    ),
    AfterValidator(each_once),
]
ForSeconds = Annotated[Seconds, Field(examples=[0], description="How long the condition holds before it fires.")]
KeepFiringForSeconds = Annotated[
    Seconds, Field(examples=[0], description="How long the condition does not hold before it is resolved.")
]
WindowsNeeded = Annotated[
    Evaluations, Field(examples=[1], description="So many of the last `windows_seen` evaluations have to meet it.")
]
WindowsSeen = Annotated[Evaluations, Field(examples=[1])]
OnNoData = Annotated[
    Absence, Field(examples=["keep"], description="Without data: keep what is, or take it for ok, or alert.")
]
OnError = Annotated[Absence, Field(examples=["keep"], description="The same for evaluations that fail.")]
FailuresBeforeNotice = Annotated[
    int,
    Field(ge=0, le=1_000, examples=[5], description="Failures in a row before the channels are told; 0: never."),
]
ReminderMinutes = Annotated[
    int,
    Field(ge=0, le=MONTH_MINUTES, examples=[60], description="Between reminders; 0: none; by default the cooldown."),
]
Labels = Annotated[
    dict[Line, LabelValue],
    Field(max_length=50, examples=[{"team": "shop"}], description="What its alerts are matched by, beside their own."),
    AfterValidator(_not_reserved),
]
Annotations = Annotated[
    dict[Line, AnnotationValue],
    Field(
        max_length=50,
        examples=[{"runbook_url": "https://wiki.example/errors"}],
        description="What goes with its notices.",
    ),
]
