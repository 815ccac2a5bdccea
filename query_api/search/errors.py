"""Why a search cannot be answered."""

from collections.abc import Sequence


class SearchError(ValueError):
    """The text is no search, or asks of a field what it cannot give.

    position: 0-based, where the text goes wrong. expected: what could stand there, in words.
    """

    def __init__(self, message: str, position: int, expected: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.position = position
        self.expected = list(expected)
