"""The shapes of what policies are answered as."""

from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from alerting.keeping.channels import EmailSettings, NoSettings, PagerDutySettings, WebhookSettings
from alerting.keeping.matchers import Matcher
from query_api.models import END, START

_FILE = Field(examples=[None], description="The file that it is kept in, so that it cannot be changed here.")
_VERSION = Field(examples=[1], description="Rises with each change; the answer's ETag.")


class _Kept(BaseModel):
    model_config = ConfigDict(extra="forbid")

    version: int = _VERSION
    provisioned_from: str | None = _FILE
    updated_at: datetime = Field(examples=[END])


class ChannelAnswer(_Kept):
    """A channel. Of its secrets it is told which are set."""

    name: str = Field(examples=["on call"])
    kind: str = Field(examples=["pagerduty"], description="slack, email, webhook, pagerduty or apprise.")
    settings: EmailSettings | WebhookSettings | PagerDutySettings | NoSettings = Field(examples=[{}])
    secrets: dict[str, Literal["set"]] = Field(examples=[{"routing_key": "set"}])
    created_at: datetime = Field(examples=[START])


class Channels(BaseModel):
    """Channels, by name."""

    model_config = ConfigDict(extra="forbid")

    channels: list[ChannelAnswer]


class SilenceAnswer(_Kept):
    """A silence."""

    id: UUID
    state: Literal["active", "pending", "expired"] = Field(examples=["active"])
    matchers: list[Matcher]
    starts_at: datetime = Field(examples=[START])
    ends_at: datetime = Field(examples=["2026-11-24T02:00:00+00:00"])
    created_by: str = Field(examples=["ann@example.com"])
    reason: str = Field(examples=["The database moves tonight"])
    created_at: datetime = Field(examples=[START])


class Silences(BaseModel):
    """Silences, those that end last first."""

    model_config = ConfigDict(extra="forbid")

    silences: list[SilenceAnswer]
    limit: int = Field(examples=[200])


class MutedInstance(BaseModel):
    """An open alert that a silence is about."""

    model_config = ConfigDict(extra="forbid")

    id: UUID
    rule_id: UUID
    rule_name: str = Field(examples=["High Error Rate"])
    severity: str | None = Field(examples=["critical"])
    status: str = Field(examples=["firing"])
    triggered_at: datetime = Field(examples=[START])
    labels: dict[str, str] = Field(
        examples=[{"alertname": "High Error Rate", "severity": "critical"}], description="As matchers see them."
    )


class MutedInstances(BaseModel):
    """What a silence would be about now: how many open alerts, and the newest 100 of them."""

    model_config = ConfigDict(extra="forbid")

    total: int = Field(examples=[1])
    instances: list[MutedInstance]


class RouteAnswer(_Kept):
    """A route of notices."""

    name: str = Field(examples=["on call"])
    place: int = Field(examples=[1])
    matchers: list[Matcher]
    channels: list[str] | None = Field(examples=[["on call"]])
    group_by: list[str] | None = Field(examples=[["service"]])
    group_wait_seconds: int = Field(examples=[30])
    group_interval_seconds: int = Field(examples=[300])
    reminder_minutes: int | None = Field(examples=[None])
    escalate_after_minutes: int | None = Field(examples=[None])
    escalate_to: list[str] = Field(examples=[[]])
    goes_on: bool = Field(examples=[False])


class Routes(BaseModel):
    """Routes, in the order in which they are tried."""

    model_config = ConfigDict(extra="forbid")

    routes: list[RouteAnswer]


class InhibitionAnswer(_Kept):
    """An inhibition."""

    name: str = Field(examples=["host down"])
    source_matchers: list[Matcher]
    target_matchers: list[Matcher]
    equal_labels: list[str] = Field(examples=[["service"]])


class Inhibitions(BaseModel):
    """Inhibitions, by name."""

    model_config = ConfigDict(extra="forbid")

    inhibitions: list[InhibitionAnswer]


class PolicyDeleted(BaseModel):
    """That something is gone."""

    model_config = ConfigDict(extra="forbid")

    message: str = Field(examples=["Channel deleted"])
