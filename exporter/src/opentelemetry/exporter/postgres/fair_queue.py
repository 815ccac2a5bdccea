"""A queue in which every sender has its turn."""

from collections import deque
from typing import Generic, TypeVar

Item = TypeVar("Item")


class FairQueue(Generic[Item]):
    """First in, first out for each sender; of the senders that wait, one after the other."""

    def __init__(self) -> None:
        self._lines: dict[str, deque[Item]] = {}
        self._length = 0

    def __len__(self) -> int:
        return self._length

    def append(self, sender: str, item: Item) -> None:
        line = self._lines.get(sender)
        if line is None:
            line = self._lines[sender] = deque()
        line.append(item)
        self._length += 1

    def popleft(self) -> Item:
        """The next item; its sender goes to the end. Raises IndexError when nothing waits."""
        if not self._lines:
            raise IndexError("nothing waits")
        sender = next(iter(self._lines))
        line = self._lines.pop(sender)
        item = line.popleft()
        if line:
            self._lines[sender] = line
        self._length -= 1
        return item
