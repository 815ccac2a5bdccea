"""What whoever runs the live tail may want to know of it, as calls in passing."""

from typing import Protocol


class TailObserver(Protocol):
    """Called on the event loop of the tail. A method MUST return at once and MUST NOT raise."""

    def watching(self, clients: int) -> None:
        """So many clients watch from now on."""

    def read(self, logs: int) -> None:
        """So many logs were fetched, each wanted by one client at least."""

    def skipped(self, logs: int) -> None:
        """So many were left out of what a client gets, because it was slow."""

    def delivered(self, logs: int, seconds: float | None) -> None:
        """A client takes so many. seconds: since the transaction of the first one began; None where that is not known,
        as of logs by plain SQL."""


class Unobserved:
    """An observer that nobody asked for."""

    def watching(self, clients: int) -> None:
        pass

    def read(self, logs: int) -> None:
        pass

    def skipped(self, logs: int) -> None:
        pass

    def delivered(self, logs: int, seconds: float | None) -> None:
        pass
