"""The shapes of alerts and of what was told of them."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from alerting.api.history_models import HistoryEvent
from query_api.models import END, START, NextCursor

Status = Annotated[str | None, Field(examples=["firing"], description="firing, acknowledged or resolved.")]


class Instance(BaseModel):
    """An alert of a rule: one while the condition lasts, for each label set."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    rule_id: UUID
    rule_name: str = Field(examples=["High Error Rate"])
    severity: str | None = Field(examples=["critical"], description="The rule's, as it is now.")
    triggered_at: datetime = Field(examples=[START])
    resolved_at: datetime | None = Field(examples=[None])
    status: Status
    acknowledged_by: str | None = Field(examples=[None])
    acknowledged_at: datetime | None = Field(examples=[None])
    metric_value: float | None = Field(examples=[11])
    threshold_value: float | None = Field(examples=[10])
    message: str | None = Field(examples=["High Error Rate: error_count is 11 (threshold: 10)"])
    labels: Any = Field(examples=[{"service": "shop"}], description="What tells it apart from others of its rule.")
    fingerprint: str = Field(examples=["9f2c1d6ba07e4c55"], description="Of the labels; empty without.")
    resolved_by: str | None = Field(examples=[None])
    resolved_because: str | None = Field(
        examples=[None], description="condition, gone, disabled, a person's word, and the like."
    )
    notifications_sent: Any = Field(
        examples=[[{"channel": "slack", "sent_at": START, "success": True}]],
        description="Each attempt to tell a channel.",
    )


class InstanceList(BaseModel):
    """A page of alerts."""

    model_config = ConfigDict(extra="forbid")

    instances: list[Instance]
    limit: int = Field(examples=[50])
    next_cursor: NextCursor


class InstanceWithRule(Instance):
    """An alert, with what its rule says and how its condition is."""

    context: Any = Field(examples=[{"rows": []}], description="What was counted when it fired: a few rows, a trace.")
    description: str | None = Field(examples=["More than 10 errors in 5 minutes"])
    metric_type: str = Field(examples=["error_count"])
    condition: str = Field(examples=["gt"])
    window_minutes: int | None = Field(examples=[5])
    annotations: Any = Field(examples=[{"runbook_url": "https://wiki.example/errors"}])
    phase: str | None = Field(examples=["firing"], description="firing or recovering; null where it is over.")
    phase_since: datetime | None = Field(examples=[START])
    last_value: float | None = Field(examples=[14])
    evaluated_at: datetime | None = Field(examples=[END])


class Attempt(BaseModel):
    """One attempt to send a notice."""

    model_config = ConfigDict(extra="forbid")

    attempt: int = Field(examples=[1])
    sent_at: datetime = Field(examples=[START])
    duration_ms: float | None = Field(examples=[120.5])
    success: bool = Field(examples=[True])
    permanent: bool = Field(examples=[False], description="It failed for good.")
    error: str | None = Field(examples=[None])
    detail: Any = Field(examples=[{"status": 200}])


class InstanceNotice(BaseModel):
    """A notice that says something of the alert, maybe beside others."""

    model_config = ConfigDict(extra="forbid")

    id: UUID = Field(description="The key by which a receiver knows a repetition.")
    channel: str = Field(examples=["slack"])
    kind: str = Field(examples=["alert"])
    told: Any = Field(examples=[["firing"]], description="firing, reminder, escalation, resolved.")
    state: str = Field(examples=["sent"], description="waiting, sending, sent, failed or dropped.")
    created_at: datetime = Field(examples=[START])
    due_at: datetime = Field(examples=[START])
    finished_at: datetime | None = Field(examples=[END])
    last_error: str | None = Field(examples=[None])
    attempts: list[Attempt] = Field(description="The last 100.")


class InstanceDetail(BaseModel):
    """An alert and its story, the newest first."""

    model_config = ConfigDict(extra="forbid")

    instance: InstanceWithRule
    history: list[HistoryEvent]
    notices: list[InstanceNotice]
