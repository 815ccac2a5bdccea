"""SDK objects to serialized Export*ServiceRequests, by the official encoder."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol, Self, TypeVar

Item = TypeVar("Item")


class Message(Protocol):
    """What is used of a protobuf message."""

    def SerializeToString(self) -> bytes: ...

    def MergeFrom(self, other: Self, /) -> None: ...


Encoded = TypeVar("Encoded", bound=Message)


@dataclass(frozen=True, slots=True)
class Encoding:
    """A serialized request of so many items. unfit: how many more could not be encoded, error: why."""

    body: bytes
    items: int
    unfit: int = 0
    error: str = ""


def encode_items(encode: Callable[[Sequence[Item]], Encoded], items: Sequence[Item]) -> Encoding:
    """All items; where that fails, those that can be encoded alone. A lone surrogate is enough to fail."""
    with suppress(Exception):
        return Encoding(encode(items).SerializeToString(), len(items))
    request = encode(())
    unfit, reason = 0, ""
    for item in items:
        try:
            request.MergeFrom(encode((item,)))
        except Exception as error:  # noqa: BLE001 - an item may hold anything the application has put in
            unfit, reason = unfit + 1, type(error).__name__
    return Encoding(request.SerializeToString(), len(items) - unfit, unfit, reason)
