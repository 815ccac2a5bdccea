"""The values of a statement, kept apart from its text."""

from collections.abc import Iterable


class Arguments:
    """Values by place: those a statement has already, then the ones that are added."""

    def __init__(self, first: Iterable[object] = ()) -> None:
        self.values = list(first)

    def add(self, value: object, type_: str) -> str:
        """The place of a new value in SQL, as this type of PostgreSQL."""
        self.values.append(value)
        return f"${len(self.values)}::{type_}"
