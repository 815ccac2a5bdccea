"""Serialized messages with holes: what repeats is encoded once, what must be fresh is filled in."""

import re
from collections.abc import Mapping, Sequence

_HOLE = re.compile(rb"(<[a-z][0-9]{5}>+)")


def hole(kind: str, number: int, size: int = 8) -> bytes:
    """What stands in a message for value `number` of this kind (one letter), `size` bytes long."""
    return f"<{kind}{number:05d}>".encode().ljust(size, b">")


def hole_time(kind: str, number: int) -> int:
    """A hole as a fixed64."""
    return int.from_bytes(hole(kind, number), "little")


class Template:
    """A message cut at its holes."""

    def __init__(self, message: bytes) -> None:
        self._pieces = _HOLE.split(message)
        self._holes = [
            (place, chr(marker[1]), int(marker[2:7]), len(marker))
            for place, marker in enumerate(self._pieces)
            if place % 2
        ]

    def fill(self, values: Mapping[str, Sequence[bytes]]) -> bytes:
        """The message with values[kind][number] in each hole. A value MUST have the size of its hole."""
        pieces = self._pieces.copy()
        for place, kind, number, size in self._holes:
            value = values[kind][number]
            if len(value) != size:
                raise ValueError(f"{len(value)} bytes for hole {kind}{number} of {size}")
            pieces[place] = value
        return b"".join(pieces)


def slices(raw: bytes, size: int) -> list[bytes]:
    """`raw` in parts of `size` bytes."""
    return [raw[start : start + size] for start in range(0, len(raw), size)]
