"""What whoever runs a writer may want to know of it, as calls in passing."""

from collections.abc import Sequence
from typing import Protocol

from opentelemetry.exporter.postgres.batch import Batch
from opentelemetry.exporter.postgres.faults import Fault


class WriterObserver(Protocol):
    """Called on the writer's event loop. A method MUST return at once and MUST NOT raise."""

    def committed(self, seconds: float, requests: int, repeated: int, batches: Sequence[Batch]) -> None:
        """A transaction was committed `seconds` after its BEGIN: so many requests, of which some had been stored
        before, and the batches that it wrote."""

    def failed(self, fault: Fault) -> None:
        """A transaction, or the connection for it, failed."""


class Unobserved:
    """An observer that nobody asked for."""

    def committed(self, seconds: float, requests: int, repeated: int, batches: Sequence[Batch]) -> None:
        pass

    def failed(self, fault: Fault) -> None:
        pass
