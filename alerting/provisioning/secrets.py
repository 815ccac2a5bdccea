"""Secrets of a file's channels: told by where they are, never by what they are."""

import os
import re
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any


class NoSecret(ValueError):
    """There is no secret where it is said to be, or it stands in the file itself."""


def put_in(
    channels: Any, directory: Path, environment: Mapping[str, str] = os.environ
) -> list[tuple[tuple[str, ...], str]]:
    """Replaces each reference by its secret; the mistakes, each with its path. channels: as they were read, unchecked.

    `env:NAME` is a variable of the environment, `file:PATH` a file's text without white space around it; a path is
    relative to `directory`.
    """
    mistakes: list[tuple[tuple[str, ...], str]] = []
    for name, channel in channels.items() if isinstance(channels, dict) else ():
        secrets = channel.get("secrets") if isinstance(channel, dict) else None
        if isinstance(secrets, MutableMapping):
            for key, reference in secrets.items():
                if reference is not None:
                    try:
                        secrets[key] = secret(reference, directory, environment)
                    except NoSecret as error:
                        mistakes.append(((name, "secrets", key), str(error)))
    return mistakes


def secret(reference: Any, directory: Path, environment: Mapping[str, str]) -> str:
    kind, _, where = reference.partition(":") if isinstance(reference, str) else ("", "", "")
    if kind == "env" and where:
        if not environment.get(where):
            raise NoSecret(f"the environment has no {where}")
        return environment[where]
    if kind == "file" and where:
        return _read(directory / where)
    raise NoSecret("must be env:NAME or file:PATH, not the secret itself")


def reference_of(channel: str, key: str) -> str:
    """Where an exported file says that the secret is."""
    return f"env:ALERT_{re.sub('[^A-Z0-9]', '_', channel.upper())}_{key.upper()}"


def _read(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8").strip()
    except OSError as error:
        raise NoSecret(f"cannot read {path}: {error.strerror}") from None
    except UnicodeDecodeError:
        raise NoSecret(f"{path} is no text") from None
    if not text:
        raise NoSecret(f"{path} is empty")
    return text
