"""What a sender may send. Who decides it is given from outside."""

from collections.abc import Callable
from dataclasses import dataclass

from opentelemetry.exporter.postgres.batch import Signal


@dataclass(frozen=True, slots=True)
class Permit:
    """services: the only service names that may come; None for all."""

    services: frozenset[str] | None = None


EVERYTHING = Permit()
Door = Callable[[Signal, str | None], Permit]
"""Lets a request in by its signal and its Authorization header. Raises Unauthenticated or Forbidden, and Unavailable
while it cannot be known who may come in. It MUST NOT wait."""


def open_door(signal: Signal, authorization: str | None) -> Permit:
    """Everybody may send everything."""
    return EVERYTHING
