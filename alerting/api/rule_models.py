"""The shapes of rules, for OpenAPI and for what clients send."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator

from alerting.keeping import rule_fields as field
from alerting.keeping.definitions import Definition
from query_api.body_fields import Line
from query_api.models import END, START

Version = Annotated[int, Field(ge=1, le=2**31 - 1, examples=[1], description="Rises with each change.")]
Warnings = Annotated[
    list[str],
    Field(
        examples=[["another rule has this name"]],
        description="What is allowed, and may not be what was meant; for people.",
    ),
]
Clearable = Literal["description", "custom_sql", "query", "of_query", "metric_name", "aggregation", "reminder_minutes"]


class NewRule(Definition):
    """A rule to add. null means not given."""

    created_by: Line | None = Field(None, examples=["ann@example.com"])

    @model_validator(mode="before")
    @classmethod
    def _without_nulls(cls, given: Any) -> Any:
        return {name: value for name, value in given.items() if value is not None} if isinstance(given, dict) else given

    @property
    def definition(self) -> Definition:
        """All but who adds it."""
        return Definition(**self.model_dump(include=set(Definition.model_fields)))


class RuleChange(BaseModel):
    """What to change of a rule; null means not given. What else a read gives of a rule may come along, to no effect."""

    model_config = ConfigDict(extra="forbid")

    name: field.Name | None = None
    description: field.Description | None = None
    metric_type: field.MetricType | None = None
    condition: field.Comparison | None = None
    threshold: field.Threshold | None = None
    window_minutes: field.WindowMinutes | None = None
    evaluation_interval_seconds: field.IntervalSeconds | None = None
    custom_sql: field.CustomSql | None = None
    severity: field.Severity | None = None
    notification_channels: field.Channels | None = None
    cooldown_minutes: field.CooldownMinutes | None = None
    enabled: bool | None = None
    query: field.Query | None = None
    of_query: field.OfQuery | None = None
    metric_name: field.MetricName | None = None
    aggregation: field.Aggregation | None = None
    group_by: field.GroupBy | None = None
    for_seconds: field.ForSeconds | None = None
    keep_firing_for_seconds: field.KeepFiringForSeconds | None = None
    windows_needed: field.WindowsNeeded | None = None
    windows_seen: field.WindowsSeen | None = None
    on_no_data: field.OnNoData | None = None
    on_error: field.OnError | None = None
    failures_before_notice: field.FailuresBeforeNotice | None = None
    reminder_minutes: field.ReminderMinutes | None = None
    labels: field.Labels | None = None
    annotations: field.Annotations | None = None
    clear: list[Clearable] = Field([], max_length=7, examples=[[]], description="Fields that become null.")
    version: Version | None = Field(None, description="The version that is changed: if there is a newer one, 412.")

    @model_validator(mode="before")
    @classmethod
    def _without_what_is_read(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        ignored = Rule.model_fields.keys() - cls.model_fields.keys()
        return {name: value for name, value in given.items() if name not in ignored}

    def columns(self) -> Mapping[str, Any]:
        """What becomes of which columns."""
        given = self.model_dump(exclude={"clear", "version"}, exclude_none=True)
        return dict.fromkeys(self.clear) | given


class Rule(BaseModel):
    """A rule and how its evaluations go.

    What plain SQL made null is as the table's defaults say; a rule whose `enabled` is null is off.
    """

    model_config = ConfigDict(extra="forbid")

    id: UUID
    name: str = Field(examples=["High Error Rate"])
    description: str | None = Field(examples=["More than 10 errors in 5 minutes"])
    metric_type: str = Field(examples=["error_count"])
    condition: str = Field(examples=["gt"])
    threshold: float = Field(examples=[10])
    window_minutes: int | None = Field(examples=[5])
    evaluation_interval_seconds: int | None = Field(examples=[60])
    custom_sql: str | None = Field(examples=[None])
    severity: str | None = Field(examples=["critical"])
    notification_channels: Any = Field(examples=[["slack"]])
    cooldown_minutes: int | None = Field(examples=[15])
    enabled: bool | None = Field(examples=[True])
    query: str | None = Field(examples=[None])
    of_query: str | None = Field(examples=[None])
    metric_name: str | None = Field(examples=[None])
    aggregation: str | None = Field(examples=[None])
    group_by: list[str] = Field(examples=[[]])
    for_seconds: int = Field(examples=[0])
    keep_firing_for_seconds: int = Field(examples=[0])
    windows_needed: int = Field(examples=[1])
    windows_seen: int = Field(examples=[1])
    on_no_data: str = Field(examples=["keep"])
    on_error: str = Field(examples=["keep"])
    failures_before_notice: int = Field(examples=[5])
    reminder_minutes: int | None = Field(examples=[None])
    labels: Any = Field(examples=[{"team": "shop"}])
    annotations: Any = Field(examples=[{"runbook_url": "https://wiki.example/errors"}])
    version: int = Field(examples=[1], description="Rises with each change; also the ETag of the rule.")
    provisioned_from: str | None = Field(
        examples=[None], description="The file that the rule is kept in; null for one that is changed here."
    )
    created_at: datetime | None = Field(examples=[START])
    created_by: str | None = Field(examples=["ann@example.com"])
    updated_at: datetime | None = Field(examples=[START])
    last_evaluated_at: datetime | None = Field(examples=[END])
    last_triggered_at: datetime | None = Field(examples=[None])
    last_value: float | None = Field(examples=[3], description="Of several label sets, that which comes closest.")
    last_error: str | None = Field(examples=[None], description="Why the last evaluation failed; null if it did not.")
    failing_since: datetime | None = Field(examples=[None])
    failures: int = Field(examples=[0], description="Failed evaluations in a row.")
    failure_told_at: datetime | None = Field(examples=[None], description="Since when people know that it is failing.")
    late_told_at: datetime | None = Field(examples=[None], description="Since when people know that it is late.")
    last_duration_ms: float | None = Field(examples=[4.1])
    last_lag_ms: float | None = Field(examples=[12.5], description="How late the last evaluation began.")
    missed_runs: int = Field(examples=[0], description="Evaluations that were left out because one lasted too long.")


class RuleList(BaseModel):
    """Rules, the newest first."""

    model_config = ConfigDict(extra="forbid")

    rules: list[Rule]
    total: int = Field(examples=[5], description="That match; more than are listed where there are more than `limit`.")


class RuleAdded(BaseModel):
    """That a rule is there."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    message: str = Field(examples=["Rule created"])
    version: int = Field(examples=[1])
    warnings: Warnings


class RuleChanged(BaseModel):
    """That a rule is as was asked for."""

    model_config = ConfigDict(extra="forbid")

    message: str = Field(examples=["Rule updated"], description="Or `No updates provided`.")
    version: int = Field(examples=[2])
    warnings: Warnings


class RuleDeleted(BaseModel):
    """That a rule is gone."""

    model_config = ConfigDict(extra="forbid")

    message: str = Field(examples=["Rule deleted"])
