"""A file of alerts, checked whole: every mistake with its line and field."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from alerting.keeping.rule_checks import mistakes
from alerting.provisioning import secrets
from alerting.provisioning.shapes import AlertFile, columns_of
from alerting.provisioning.yaml_text import NotPlain, read_yaml
from alerting.provisioning.yaml_text import Path as Place


class BadFile(Exception):
    """It cannot be applied; `mistakes` are lines for people, `alerts.yaml:12: rules[0].threshold: ...`."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)


@dataclass(frozen=True)
class Source:
    """A file that was read. name: what its objects are marked with, its path's last part."""

    name: str
    content: AlertFile
    lines: dict[Place, int]

    def told(self, place: Place, message: str) -> str:
        """A mistake, at the line of the nearest thing that has one."""
        nearest = next(place[:length] for length in range(len(place), -1, -1) if place[:length] in self.lines)
        return _told(self.name, self.lines[nearest], place, message)


def read_file(path: Path, now: datetime) -> Source:
    """Raises BadFile with all mistakes that can be seen without the database."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadFile([f"{path.name}: cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError:
        raise BadFile([f"{path.name}: is no UTF-8"]) from None
    try:
        values, lines = read_yaml(text)
    except NotPlain as error:
        raise BadFile([f"{path.name}:{error.line}: {error}" if error.line else f"{path.name}: {error}"]) from None
    return _checked(path, {} if values is None else values, lines, now)


def _checked(path: Path, values: Any, lines: dict[Place, int], now: datetime) -> Source:
    source = Source(path.name, AlertFile(), lines)
    channels = values.get("channels") if isinstance(values, dict) else None
    found = [source.told(("channels", *place), text) for place, text in secrets.put_in(channels, path.parent)]
    try:
        content = AlertFile.model_validate(values)
    except ValidationError as error:
        found += [
            source.told(_place(values, mistake["loc"]), mistake["msg"].removeprefix("Value error, "))
            for mistake in error.errors(include_input=False, include_url=False)
        ]
        raise BadFile(found) from None
    for number, rule in enumerate(content.rules):
        found += [
            source.told(("rules", number, mistake.field), mistake.message)
            for mistake in mistakes(columns_of(rule), now)
        ]
    for name, channel in content.channels.items():
        for key in channel.secrets.needed:
            if getattr(channel.secrets, key) is None:
                found.append(source.told(("channels", name, "secrets", key), "is needed"))
    if found:
        raise BadFile(found)
    return Source(path.name, content, lines)


def _place(values: Any, location: Sequence[str | int]) -> Place:
    """Without what pydantic adds to a location, as the kind of a channel, but with a last part that is missing."""
    place: list[str | int] = []
    for number, part in enumerate(location):
        is_member = (isinstance(values, dict) and part in values) or (
            isinstance(values, list) and isinstance(part, int) and part < len(values)
        )
        if is_member:
            values = values[part]
        elif number < len(location) - 1:
            continue
        place.append(part)
    return tuple(place)


def _told(name: str, line: int, place: Place, message: str) -> str:
    field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).removeprefix(".")
    return f"{name}:{line}: {field}: {message}" if field else f"{name}:{line}: {message}"
