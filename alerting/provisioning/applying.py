"""Making what is kept what a file says: added, changed, and what was there by the same file and is gone, removed."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from alerting.keeping import changing, rules
from alerting.keeping.changing import By, Kind, Row, SecretMissing, Unchangeable
from alerting.keeping.channels import Channel
from alerting.keeping.routing import NoticeRoute
from alerting.keeping.rules import Mistaken
from alerting.links import Links
from alerting.provisioning.reading import BadFile, Source
from alerting.provisioning.shapes import FileRule, columns_of
from alerting.provisioning.yaml_text import Path as Place
from database.queries import load

SQL = load(__package__)
ADDED, CHANGED, REMOVED, UNCHANGED = "added", "changed", "removed", "unchanged"
Key = TypeVar("Key", str, UUID)


@dataclass
class Outcome:
    """What was done, as `rule High Error Rate` by what: added, changed, removed, unchanged."""

    done: dict[str, list[str]] = field(default_factory=lambda: {ADDED: [], CHANGED: [], REMOVED: [], UNCHANGED: []})

    def note(self, what: str, kind: Kind, name: object) -> None:
        self.done[what].append(f"{kind.name} {name}")

    @property
    def counts(self) -> dict[str, int]:
        return {what: len(names) for what, names in self.done.items()}


async def apply(connection: Any, source: Source, now: datetime, links: Links) -> Outcome:
    """In one transaction, one after another of all who do it. Raises BadFile, and then nothing was changed."""
    async with connection.transaction():
        await connection.execute(SQL["lock_provisioning"])
        application = _Application(connection, source, now, links)
        await application.policies()
        await application.rules()
        if application.mistakes:
            raise BadFile(application.mistakes)
        return application.outcome


class _Application:
    def __init__(self, connection: Any, source: Source, now: datetime, links: Links) -> None:
        self._connection = connection
        self._source = source
        self._now = now
        self._links = links
        self._by = By(file=source.name)
        self.outcome = Outcome()
        self.mistakes: list[str] = []

    async def policies(self) -> None:
        content = self._source.content
        for name, channel in content.channels.items():
            await self._put(changing.CHANNEL, name, ("channels", name), changing.put_channel, whole(channel))
        await self._remove(changing.CHANNEL, SQL["channels_of_file"], set(content.channels))
        for place, route in enumerate(content.routes):
            fields = route.model_dump(exclude={"name"}) | {"place": place + 1 if route.place is None else route.place}
            made = NoticeRoute.model_validate(fields)
            await self._put(changing.ROUTE, route.name, ("routes", place), changing.put_route, made)
        await self._remove(changing.ROUTE, SQL["routes_of_file"], {route.name for route in content.routes})
        for name, inhibition in content.inhibitions.items():
            put = changing.put_inhibition
            await self._put(changing.INHIBITION, name, ("inhibitions", name), put, inhibition)
        await self._remove(changing.INHIBITION, SQL["inhibitions_of_file"], set(content.inhibitions))
        for place, silence in enumerate(content.silences):
            put_silence = changing.put_silence
            made_silence = silence.silence()
            await self._put(changing.SILENCE, silence.known_by, ("silences", place), put_silence, made_silence)
        known = {silence.known_by for silence in content.silences}
        await self._remove(changing.SILENCE, SQL["silences_of_file"], known)

    async def rules(self) -> None:
        """Those that are not in the file any more go first, so that a name may move from one to another."""
        named = await self._connection.fetch(SQL["rules_by_name"], self._source.name)
        own = {row["id"]: row["name"] for row in named if row["is_own"]}
        known = self._known_rules(named)
        for rule_id in own.keys() - set(known.values()):
            await rules.delete_rule(self._connection, rule_id, self._by, self._now, self._links)
            self.outcome.note(REMOVED, changing.RULE, own[rule_id])
        for place, rule in enumerate(self._source.content.rules):
            await self._told(("rules", place), self._rule(rule, known.get(place)))

    def _known_rules(self, named: list[Mapping[str, Any]]) -> dict[int, UUID]:
        """By their place in the file. A rule of the same name that no file has is taken for it."""
        ids = {row["id"] for row in named}
        taken = {rule.id for rule in self._source.content.rules} & ids
        by_name: dict[str, UUID] = {}
        for row in named:
            if row["id"] not in taken:
                by_name.setdefault(row["name"], row["id"])
        known = {}
        for place, rule in enumerate(self._source.content.rules):
            found = rule.id if rule.id in ids else by_name.pop(rule.name, None)
            if found is not None:
                known[place] = found
        return known

    async def _rule(self, rule: FileRule, rule_id: UUID | None) -> None:
        columns = columns_of(rule)
        if rule_id is None:
            await rules.add_rule(self._connection, rule, self._by, self._now)
            self.outcome.note(ADDED, changing.RULE, rule.name)
            return
        before = await rules.held_rule(self._connection, rule_id, self._by)
        differing = {name: value for name, value in columns.items() if _read(before[name], value) != value}
        if not differing and before["provisioned_from"] == self._source.name:
            self.outcome.note(UNCHANGED, changing.RULE, rule.name)
            return
        await rules.change_rule(self._connection, rule_id, differing, self._by, self._now, self._links)
        self.outcome.note(CHANGED, changing.RULE, rule.name)

    async def _put(
        self,
        kind: Kind,
        key: Key,
        place: Place,
        put: Callable[[Any, Key, Any, By], Awaitable[Row]],
        given: Any,
    ) -> None:
        await self._told(place, self._put_one(kind, key, put, given))

    async def _put_one(
        self, kind: Kind, key: Key, put: Callable[[Any, Key, Any, By], Awaitable[Row]], given: Any
    ) -> None:
        before = await self._connection.fetchval(kind.row, key)
        after = await put(self._connection, key, given, self._by)
        is_same = before is not None and before["version"] == after["version"]
        self.outcome.note(ADDED if before is None else UNCHANGED if is_same else CHANGED, kind, key)

    async def _remove(self, kind: Kind, own: str, kept: set[Any]) -> None:
        for row in await self._connection.fetch(own, self._source.name):
            if row["key"] not in kept:
                await changing.delete(self._connection, kind, row["key"], self._by)
                self.outcome.note(REMOVED, kind, row["key"])

    async def _told(self, place: Place, work: Awaitable[None]) -> None:
        """What cannot be done is a mistake of the file at this place."""
        try:
            await work
        except Unchangeable as error:
            self.mistakes.append(self._source.told(place, str(error)))
        except SecretMissing as error:
            self.mistakes.append(self._source.told((*place, "secrets", str(error)), "is needed"))
        except Mistaken as error:
            self.mistakes += [self._source.told((*place, each.field), each.message) for each in error.mistakes]


def _read(stored: Any, wanted: Any) -> Any:
    """PostgreSQL writes 1e23 in JSON without an exponent, and then it is an integer that no float equals."""
    return float(stored) if isinstance(wanted, float) and isinstance(stored, int) else stored


def whole(channel: Channel) -> Channel:
    """A secret that the file does not tell is none, rather than the one that there was."""
    secrets = type(channel.secrets).model_validate(channel.secrets.model_dump())
    return channel.model_copy(update={"secrets": secrets})
