"""How far logs have been read, and the token that says so to a client.

Rows are read in the order (batch, writer, id) within each stretch from one position to the next.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

LONGEST_TOKEN = 65_536
CLOCKS_DIFFER_US = 3600 * 1_000_000
PLAIN_SQL = 0
"""The writer that rows of plain SQL have. Their batch is a transaction's id; a writer's is a clock, far above."""

_NO_TOKEN = "A token is that of a message, whole"
_LARGEST = 2**63 - 1
_NUMBER = r"\d{1,19}"
_SNAPSHOT = rf"{_NUMBER}:{_NUMBER}:(?:{_NUMBER}(?:,{_NUMBER})*)?"
_ID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_WRITERS = rf"(?:\d{{1,10}}\.-?{_NUMBER}(?:,|(?=~)))*"
_TOKEN = re.compile(
    rf"(?P<at>{_NUMBER})~(?P<snapshot>{_SNAPSHOT})~(?P<writers>{_WRITERS})~"
    rf"(?:(?P<writer>\d{{1,10}})\.(?P<batch>{_NUMBER})\.(?P<id>{_ID})(?:\.(?P<upto>{_SNAPSHOT}))?)?",
    re.ASCII,
)


@dataclass(frozen=True)
class Place:
    """A row within a batch. upto: of plain SQL, the snapshot that the rows up to this one were read by."""

    writer: int
    batch: int
    id: str
    upto: str | None = None

    def __str__(self) -> str:
        text = f"{self.writer}.{self.batch}.{self.id}"
        return f"{text}.{self.upto}" if self.upto else text


@dataclass(frozen=True)
class Position:
    """All logs of these writers up to these batches, and all of plain SQL that the snapshot sees, have been read;
    beyond that, where there is a place, what comes before it in order.

    at: by the database's clock, in µs; how old the position is, no more.
    """

    at: int
    snapshot: str
    writers: Mapping[int, int]
    place: Place | None = None

    def is_of(self, head: "Position") -> bool:
        """Whether it can be one of the head's past, not of another database."""
        return _following(self.snapshot) <= _following(head.snapshot)

    def due(self, target: "Position") -> Iterator[tuple[int, int, int]]:
        """(writer, after, up to) of those that have committed between here and the target."""
        for writer, upto in target.writers.items():
            after = self._read_of(writer)
            if upto > after:
                yield writer, after, upto

    def towards(self, head: "Position", microseconds: int) -> "Position":
        """A target on the way to the head: first the end of what was begun, then so much of the writers' time ahead;
        the head itself where that is near."""
        if self.place is not None:
            return self._finished(self.place)
        end = self.at + microseconds
        if end >= head.at:
            return head
        ends = {writer: min(upto, max(after, end)) for writer, after, upto in self.due(head)}
        return Position(end, self.snapshot, {**head.writers, **ends})

    def _finished(self, place: Place) -> "Position":
        if place.upto is not None:
            return Position(self.at, place.upto, self.writers)
        return Position(self.at, self.snapshot, {**self.writers, place.writer: place.batch})

    def before(self, target: "Position", writer: int, batch: int) -> "Position":
        """Where everything on the way to the target has been read that comes before a writer's batch."""
        read = {each: self._read_of(each) for each in target.writers}
        for each, after, upto in self.due(target):
            read[each] = max(after, min(upto, batch if each < writer else batch - 1))
        return Position(self.at, self.snapshot if writer == PLAIN_SQL else target.snapshot, read)

    def _read_of(self, writer: int) -> int:
        """Up to which batch. A writer that is not listed began later, or had rested for long and goes on; its clock may
        be an hour behind ours."""
        return self.writers.get(writer, max(0, self.at - CLOCKS_DIFFER_US))

    @property
    def stem(self) -> str:
        """The token without its place, which those of the rows of a batch have in common."""
        writers = ",".join(f"{writer}.{batch - self.at}" for writer, batch in self.writers.items())
        return f"{self.at}~{self.snapshot}~{writers}~"

    def __str__(self) -> str:
        return self.stem + (str(self.place) if self.place else "")


def decode(token: str) -> Position:
    """Raises ValueError for what no message has carried."""
    found = _TOKEN.fullmatch(token) if len(token) <= LONGEST_TOKEN else None
    if found is None:
        raise ValueError(_NO_TOKEN)
    at = _bounded(found["at"])
    writers = {}
    for entry in filter(None, found["writers"].split(",")):
        writer, _, ahead = entry.partition(".")
        writers[_bounded(writer, 2**31 - 1)] = _bounded(str(at + int(ahead)))
    return Position(at, _snapshot(found["snapshot"]), writers, _place(found))


def _following(snapshot: str) -> int:
    """The first transaction that a snapshot knows nothing of."""
    return int(snapshot.split(":")[1])


def _place(found: re.Match[str]) -> Place | None:
    if found["writer"] is None:
        return None
    writer, upto = _bounded(found["writer"], 2**31 - 1), found["upto"]
    if (writer == PLAIN_SQL) != (upto is not None):
        raise ValueError(_NO_TOKEN)
    return Place(writer, _bounded(found["batch"]), found["id"], upto and _snapshot(upto))


def _snapshot(text: str) -> str:
    """As PostgreSQL takes it: the first transaction in progress, the next one to come, and all in progress between."""
    first, following, running = text.split(":")
    numbers = [int(each) for each in (first, *running.split(","), following) if each]
    before_last = numbers[:-1]
    if numbers[0] < 1 or numbers[-1] > _LARGEST or numbers != sorted(numbers):
        raise ValueError(_NO_TOKEN)
    if running and (len(set(before_last[1:])) < len(before_last) - 1 or before_last[-1] == numbers[-1]):
        raise ValueError(_NO_TOKEN)
    return text


def _bounded(text: str, largest: int = _LARGEST) -> int:
    number = int(text)
    if not 0 <= number <= largest:
        raise ValueError(_NO_TOKEN)
    return number
