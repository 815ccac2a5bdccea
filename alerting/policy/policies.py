"""All policies, as they are when an evaluation is recorded."""

import logging
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, TypeVar

from alerting.policy.inhibitions import Inhibition, inhibition_of
from alerting.policy.routing import Route, route_of
from alerting.policy.silences import Silence, silence_of
from database.queries import load

SQL = load(__package__)

_log = logging.getLogger(__name__)
T = TypeVar("T")


@dataclass(frozen=True)
class Policies:
    """routes: in the order in which they are asked. mistakes: rows that could not be read, for people."""

    silences: tuple[Silence, ...] = ()
    inhibitions: tuple[Inhibition, ...] = ()
    routes: tuple[Route, ...] = ()
    mistakes: tuple[str, ...] = ()


async def read_policies(connection: Any) -> Policies:
    """A row that cannot be read is left out, which tells people rather too much, and logged once."""
    mistakes: list[str] = []
    policies = Policies(
        silences=_read(await connection.fetch(SQL["silences"]), silence_of, "silence", mistakes),
        inhibitions=_read(await connection.fetch(SQL["inhibitions"]), inhibition_of, "inhibition", mistakes),
        routes=_read(await connection.fetch(SQL["routes"]), route_of, "route", mistakes),
        mistakes=tuple(mistakes),
    )
    for mistake in mistakes:
        _say_once(mistake)
    return policies


def _read(
    rows: Iterable[Mapping[str, Any]], of: Callable[[Mapping[str, Any]], T], kind: str, mistakes: list[str]
) -> tuple[T, ...]:
    read = []
    for row in rows:
        try:
            read.append(of(row))
        except ValueError as error:
            mistakes.append(f"The {kind} {row['named']} is left out: {error}")
    return tuple(read)


@lru_cache(1000)
def _say_once(mistake: str) -> None:
    _log.warning("%s", mistake)
