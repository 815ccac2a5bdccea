"""What a file of alerts may hold."""

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID, uuid5

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from alerting.keeping.channels import Channel
from alerting.keeping.definitions import Definition
from alerting.keeping.routing import Inhibition, Name, NoticeRoute
from alerting.keeping.silences import Silence

_SILENCES = UUID("6b0f5d3e-2f0e-4c39-8f26-6d1f2f3a9c55")


class FileRule(Definition):
    """A rule. It is known by its name, or by its id where the name is not the only one."""

    id: UUID | None = None


class FileRoute(NoticeRoute):
    """A route. Its place is that in the file, unless it says another."""

    name: Name


class FileSilence(Silence):
    """A silence. Without an id it is another one as soon as anything of it is changed."""

    id: UUID | None = None

    @property
    def known_by(self) -> UUID:
        return self.id or uuid5(_SILENCES, self.model_dump_json(exclude={"id"}))

    def silence(self) -> Silence:
        return Silence.model_construct(**{name: getattr(self, name) for name in Silence.model_fields})


def _told_apart(rules: list[FileRule]) -> list[FileRule]:
    _once([rule.name for rule in rules if rule.id is None], "name")
    _once([str(rule.id) for rule in rules if rule.id], "id")
    return rules


def _named_once(routes: list[FileRoute]) -> list[FileRoute]:
    _once([route.name for route in routes], "name")
    return routes


def _known_once(silences: list[FileSilence]) -> list[FileSilence]:
    _once([str(silence.known_by) for silence in silences], "silence")
    return silences


def _once(keys: Sequence[str], what: str) -> None:
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f"has the {what} {key} twice")


class AlertFile(BaseModel):
    """Everything that is kept in one file."""

    model_config = ConfigDict(extra="forbid")

    channels: dict[Name, Channel] = {}
    routes: Annotated[list[FileRoute], AfterValidator(_named_once)] = []
    inhibitions: dict[Name, Inhibition] = {}
    silences: Annotated[list[FileSilence], AfterValidator(_known_once)] = []
    rules: Annotated[list[FileRule], Field(max_length=10_000), AfterValidator(_told_apart)] = []


def columns_of(rule: FileRule) -> dict[str, Any]:
    """What enterprise.alert_rules holds of it."""
    return rule.model_dump(exclude={"id"})
