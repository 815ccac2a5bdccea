"""A key as somebody wants it."""

from datetime import UTC, datetime
from typing import Annotated, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from access.keys.scopes import SIGNALS, Scope


def _is_shown_whole(text: str) -> str:
    if not text.strip() or not text.isprintable():
        raise ValueError("must not be blank, nor have control characters")
    return text


def _each_once(values: list[str]) -> list[str]:
    return list(dict.fromkeys(values))


def _is_to_come(time: datetime) -> datetime:
    if time <= datetime.now(UTC):
        raise ValueError("must be in the future")
    return time


Name = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_is_shown_whole)]
Service = Annotated[str, Field(min_length=1, max_length=255), AfterValidator(_is_shown_whole)]


class KeyWish(BaseModel):
    """What a new key shall open."""

    model_config = ConfigDict(extra="forbid")

    name: Name = Field(examples=["checkout"], description="Unique among keys that are not revoked.")
    scopes: Annotated[list[Scope], Field(min_length=1, max_length=20), AfterValidator(_each_once)] = Field(
        examples=[["traces", "logs", "metrics"]],
        description="`traces`, `logs` and `metrics` may be sent; `read` and `write` open the API as viewer and editor.",
    )
    services: Annotated[list[Service], Field(min_length=1, max_length=100), AfterValidator(_each_once)] | None = Field(
        None, examples=[["checkout"]], description="The only `service.name`s that may come by it; null for all."
    )
    expires_at: Annotated[AwareDatetime, AfterValidator(_is_to_come)] | None = Field(
        None, examples=["2030-01-01T00:00:00Z"], description="From when on it opens nothing; null for never."
    )

    @model_validator(mode="after")
    def _services_are_of_senders(self) -> Self:
        if self.services is not None and not SIGNALS.intersection(self.scopes):
            raise ValueError("services need one of the scopes traces, logs and metrics")
        return self
