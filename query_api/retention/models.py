"""What the routes of /api/retention take and give."""

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from query_api.body_fields import Line, not_blank
from query_api.parameters import without_nul

AT = "2026-11-23T09:00:00+00:00"
A_TRACE = "5b8aa5a2d2c872e8321cf37308d69df2"

Value = Annotated[str, Field(min_length=1, max_length=512), AfterValidator(without_nul), AfterValidator(not_blank)]
Why = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(without_nul), AfterValidator(not_blank)]
Signal = Literal["spans", "logs", "points"]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class KeptSignal(_Strict):
    """What there is of a signal."""

    signal: Signal = Field(examples=["spans"])
    keep_days: int = Field(examples=[30], description="That it is kept; partitions go as wholes, at midnight in UTC.")
    kept_from: datetime | None = Field(
        examples=[AT], description="Begin of the oldest partition with rows; null without any."
    )
    next_drop_at: datetime | None = Field(examples=[AT], description="When that partition goes, by its time.")
    partitions: int = Field(examples=[31], description="That hold rows.")
    rows: int = Field(examples=[1000000], description="As PostgreSQL estimates them.")
    bytes: int = Field(examples=[730000000], description="On disk, with indexes.")


class RetentionState(_Strict):
    """What is kept, and how its keeping fares."""

    signals: list[KeptSignal]
    bytes: int | None = Field(examples=[1200000000], description="Of all telemetry, as of the last run.")
    cap_bytes: int | None = Field(examples=[None], description="What it may take; null: no bound.")
    over_bytes: int = Field(examples=[0], description="What is too much and could not go.")
    over_why: str | None = Field(examples=[None], description="What stands in its way.")
    late_seconds: float = Field(examples=[0.0], description="Since something is there that should be gone.")
    last_started_at: datetime | None = Field(examples=[AT])
    last_succeeded_at: datetime | None = Field(examples=[AT])
    last_error: str | None = Field(examples=[None], description="Why the last run failed; null: it did not.")
    dropped: list[str] = Field(examples=[["trace_spans_p20261024_dropped"]], description="Of the last run.")
    postponed: list[str] = Field(examples=[[]], description="That somebody read in the last run.")
    pins: int = Field(examples=[2])
    rules: int = Field(examples=[1])


class NewPin(_Strict):
    """Why a trace is to stay."""

    why: Why = Field(examples=["Incident 4711"])


class Pin(NewPin):
    """A trace that stays with its spans and logs when its time is over."""

    trace_id: str = Field(examples=[A_TRACE])
    rows: int = Field(examples=[17], description="Spans and logs, as of when it was pinned.")
    pinned_at: datetime = Field(examples=[AT])
    pinned_by: str = Field(examples=["ann@example.com"])


class Pins(_Strict):
    """All of them, the newest first."""

    pins: list[Pin]


class NewRetentionRule(_Strict):
    """What goes before the rest of its signal. It takes a service or a level; only logs have levels."""

    signal: Literal["spans", "logs"] = Field(examples=["logs"])
    service: Line | None = Field(default=None, examples=[None], description="Null: any.")
    level: Annotated[str, Field(min_length=1, max_length=10), AfterValidator(without_nul)] | None = Field(
        default=None, examples=["DEBUG"], description="As it is stored; null: any."
    )
    keep_days: int = Field(ge=1, le=3650, examples=[2])

    @model_validator(mode="after")
    def _names_something(self) -> Self:
        if self.service is None and self.level is None:
            raise ValueError("a rule takes a service or a level")
        if self.level is not None and self.signal != "logs":
            raise ValueError("only logs have levels")
        return self


class RetentionRule(NewRetentionRule):
    """A rule that is kept."""

    id: int = Field(examples=[1])
    created_at: datetime = Field(examples=[AT])
    created_by: str = Field(examples=["ann@example.com"])


class RetentionRules(_Strict):
    """All of them. A row goes when the first of those that name it says so."""

    rules: list[RetentionRule]


class AttributeEquals(_Strict):
    """An attribute of the item or of its resource, by the text of its value."""

    key: Value = Field(examples=["customer.id"])
    value: Value = Field(examples=["4711"])


class Sought(_Strict):
    """What a deletion seeks: all that is given must be so."""

    user_email: Value | None = Field(
        default=None,
        examples=["bob@example.com"],
        description="Traces of this person with their spans and logs, and whatever has the address as an attribute.",
    )
    session_id: Value | None = Field(default=None, examples=[None], description="Alike, of a session.")
    attribute: AttributeEquals | None = Field(default=None, examples=[None])
    service: Line | None = Field(default=None, examples=[None])
    since: AwareDatetime | None = Field(default=None, examples=[None], description="Rows of this time and later.")
    until: AwareDatetime | None = Field(default=None, examples=[None], description="Rows before this time.")

    @model_validator(mode="after")
    def _is_bounded(self) -> Self:
        if not (self.user_email or self.session_id or self.attribute or self.service):
            raise ValueError("a deletion seeks a user_email, a session_id, an attribute or a service")
        if self.since and self.until and self.since >= self.until:
            raise ValueError("since must be before until")
        return self


class Told(_Strict):
    """What was sought, where values are told by their SHA-256 alone."""

    user_email: str | None = Field(default=None, examples=["sha256:5ff860bf1190596c7188ab851db691f0"])
    session_id: str | None = Field(default=None, examples=[None])
    attribute_key: str | None = Field(default=None, examples=[None])
    attribute_value: str | None = Field(default=None, examples=[None])
    service: str | None = Field(default=None, examples=[None])
    since: datetime | None = Field(default=None, examples=[None])
    until: datetime | None = Field(default=None, examples=[None])


class Deletion(_Strict):
    """A deletion: counted first, done once it is confirmed."""

    id: int = Field(examples=[1])
    state: Literal["counting", "counted", "deleting", "done", "cancelled"] = Field(examples=["counted"])
    told: Told
    spans: int = Field(examples=[120], description="Found so far, or deleted so far.")
    logs: int = Field(examples=[340])
    points: int = Field(examples=[0])
    traces: int = Field(examples=[0], description="Traces removed, being without a span now.")
    progress: float = Field(examples=[1.0], description="Of what there is to look through; 0 to 1.")
    requested_at: datetime = Field(examples=[AT])
    requested_by: str = Field(examples=["ann@example.com"])
    confirmed_at: datetime | None = Field(examples=[None])
    confirmed_by: str | None = Field(examples=[None])
    finished_at: datetime | None = Field(examples=[AT], description="When it was counted, or done.")


class AllDeletions(_Strict):
    """The newest hundred, the newest first."""

    deletions: list[Deletion]
