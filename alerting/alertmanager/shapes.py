"""What goes over the wire, named as Alertmanager names it. What is not known of what comes in is passed over."""

from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, PlainSerializer
from pydantic.alias_generators import to_camel

from query_api.parameters import without_nul


def _shown(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


Time = Annotated[AwareDatetime, PlainSerializer(_shown, return_type=str), Field(examples=["2026-11-23T09:30:00.123Z"])]
Text = Annotated[str, AfterValidator(without_nul)]
LabelSet = dict[Text, Text]


class _Camel(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)


class Matcher(_Camel):
    """A condition on a label."""

    name: Text
    value: Text
    is_regex: bool
    is_equal: bool = True


class PostableSilence(_Camel):
    """A silence to make, or with the id of one that there is, to change."""

    id: Text | None = None
    matchers: list[Matcher] = Field(min_length=1)
    starts_at: Time
    ends_at: Time
    created_by: Text
    comment: Text


class SilenceStatus(_Camel):
    state: Literal["expired", "active", "pending"]


class GettableSilence(_Camel):
    """A silence."""

    id: str
    status: SilenceStatus
    updated_at: Time
    matchers: list[Matcher]
    starts_at: Time
    ends_at: Time
    created_by: str
    comment: str


class SilenceId(BaseModel):
    """Which silence it is."""

    silence_id: str = Field(serialization_alias="silenceID")


class PostableAlert(_Camel):
    """An alert that fires, or with an end in the past, does not any more."""

    labels: LabelSet
    annotations: LabelSet = {}
    starts_at: Time | None = None
    ends_at: Time | None = None
    generator_url: Text | None = Field(default=None, alias="generatorURL")


class Receiver(_Camel):
    """Whom notices go to: a channel."""

    name: str


State = Literal["unprocessed", "active", "suppressed"]


class AlertStatus(_Camel):
    """silenced_by: ids of silences. inhibited_by: fingerprints of alerts."""

    state: State
    silenced_by: list[str]
    inhibited_by: list[str]
    muted_by: list[str] = []


class GettableAlert(_Camel):
    """An alert."""

    labels: LabelSet
    annotations: LabelSet
    fingerprint: str
    receivers: list[Receiver]
    starts_at: Time
    ends_at: Time
    updated_at: Time
    status: AlertStatus
    generator_url: str | None = Field(default=None, serialization_alias="generatorURL")


class AlertGroup(_Camel):
    """Alerts that a receiver is told of together."""

    labels: LabelSet
    receiver: Receiver
    alerts: list[GettableAlert]


class ClusterStatus(_Camel):
    status: Literal["ready", "settling", "disabled"] = "disabled"
    peers: list[dict[str, str]] = []


class VersionInfo(_Camel):
    version: str
    revision: str
    branch: str
    build_user: str
    build_date: str
    go_version: str


class Config(_Camel):
    original: str


class Status(_Camel):
    """What answers here."""

    cluster: ClusterStatus
    version_info: VersionInfo
    config: Config
    uptime: Time
