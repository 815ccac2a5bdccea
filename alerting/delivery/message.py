"""A notice as a channel gets it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from alerting.notices import Item, Told, item_of


@dataclass(frozen=True)
class Message:
    """A claimed row of enterprise.alert_notices. id is the same at each attempt: receivers know repetitions by it.

    items: what is still worth telling, one of each alert. done: parts that earlier attempts have told.
    """

    id: UUID
    channel: str
    group_key: str
    kind: str
    items: tuple[Item, ...]
    created_at: datetime
    attempt: int = 1
    done: frozenset[str] = frozenset()

    @property
    def resolved(self) -> bool:
        """Whether all it says is that something is over."""
        return all(item.told is Told.RESOLVED for item in self.items)

    def without(self, untold: Collection[UUID]) -> "Message":
        """Less what resolves one of these alerts, of whose firing this channel never heard."""
        kept = (item for item in self.items if not (item.told is Told.RESOLVED and item.instance_id in untold))
        return replace(self, items=tuple(kept))


def message_of(row: Mapping[str, Any]) -> Message:
    """From a row that was claimed. What cannot be read as a notice raises KeyError, TypeError or ValueError."""
    return Message(
        id=row["id"],
        channel=row["channel"],
        group_key=row["group_key"],
        kind=row["kind"],
        items=latest(item_of(stored) for stored in row["items"]),
        created_at=row["created_at"],
        attempt=row["attempts"],
        done=frozenset(row["done"]),
    )


def latest(items: Iterable[Item]) -> tuple[Item, ...]:
    """The last word on each alert, in the order in which they came."""
    last: dict[tuple[UUID | None, UUID, str], Item] = {}
    for item in items:
        last[item.instance_id, item.rule_id, item.fingerprint] = item
    return tuple(last.values())


def resolved_alone(row: Mapping[str, Any]) -> list[UUID]:
    """Instances that the notice resolves without telling of them otherwise."""
    items = [item_of(stored) for stored in row["items"]]
    fired = {item.instance_id for item in items if item.told is not Told.RESOLVED}
    over = {item.instance_id for item in items if item.told is Told.RESOLVED} - fired
    return [instance for instance in over if instance is not None]
