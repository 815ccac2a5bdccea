"""Which parts of Otelgres a machine runs."""

from enum import StrEnum


class Role(StrEnum):
    """All parts, or one of them alone in a deployment over several machines."""

    ALL = "all"
    RECEIVER = "receiver"
    API = "api"

    @property
    def runs_receivers(self) -> bool:
        return self is not Role.API

    @property
    def runs_api(self) -> bool:
        return self is not Role.RECEIVER
