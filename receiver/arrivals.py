"""One Export request as the receiver's own telemetry sees it."""

from dataclasses import dataclass, field
from time import perf_counter
from typing import Literal

from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.requests import Request

Transport = Literal["grpc", "http", "spool"]
"""How a request came in. spool: it was accepted earlier, and is now written."""


@dataclass(slots=True)
class Arrival:
    """Filled in while the request makes its way. peer: the address that it came from, without the port."""

    transport: Transport
    signal: Signal | None = None
    request: Request | None = None
    peer: str = ""
    began: float = field(default_factory=perf_counter)

    @property
    def signal_name(self) -> str:
        """Lower case; 'unknown' until the request's signal is known."""
        return "unknown" if self.signal is None else self.signal.name.lower()

    @property
    def items(self) -> int:
        """Items in the request, as far as it was read."""
        return 0 if self.request is None else self.request.batch.items

    @property
    def service(self) -> str:
        """The one service that the items come from; empty where there are several or it is not known."""
        if self.request is None:
            return ""
        services = self.request.batch.services
        return next(iter(services)) if len(services) == 1 else ""
