"""What is known of a rule's label sets, and what becomes of them in one transaction."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from alerting.deciding.resolving import resolved_by_person
from alerting.labels import Labels, fingerprint, labels_of
from alerting.recording.instances import Instance, instance_of, message_of
from alerting.recording.journal import Journal
from alerting.rules import Rule
from alerting.states import Change, Decision, Phase, State
from database.queries import load

SQL = load(__package__)


@dataclass
class Page:
    """One label set. told: what policy remembers of it. closed: instances that are resolved and not told of yet.

    kept: what the database has of it.
    """

    labels: Labels
    state: State | None = None
    told: Mapping[str, Any] = field(default_factory=dict)
    kept: tuple[object, ...] | None = None
    context: Mapping[str, Any] = field(default_factory=dict)
    instance: Instance | None = None
    opened: bool = False
    closed: list[Instance] = field(default_factory=list)
    forget: bool = False

    @property
    def instance_id(self) -> UUID | None:
        return None if self.instance is None else self.instance.id

    @property
    def value(self) -> float | None:
        """The last that was measured."""
        return None if self.state is None else self.state.value

    @property
    def keeping(self) -> tuple[object, ...]:
        """What the database is to have of it."""
        return self.state, self.told, self.instance_id

    def close(self, at: datetime, because: str, by: str | None = None) -> None:
        """The instance MUST be open."""
        assert self.instance is not None
        self.closed.append(self.instance.resolved(at, because, by))
        self.instance, self.opened = None, False


class Book:
    """The pages of one rule, whose row MUST be locked."""

    def __init__(self, rule: Rule, now: datetime) -> None:
        self.rule = rule
        self.now = now
        self.journal = Journal(rule, now)
        self.fired = False
        self._pages: dict[str, Page] = {}
        self._settled: set[object] = set()

    @property
    def states(self) -> dict[str, State]:
        return {print_: page.state for print_, page in self._pages.items() if page.state is not None}

    @property
    def concerned(self) -> list[Page]:
        """Those that have an open instance, or one that was just resolved."""
        return [page for page in self._pages.values() if page.instance is not None or page.closed]

    def __iter__(self) -> Iterator[Page]:
        return iter(self._pages.values())

    def page(self, labels: Labels) -> Page:
        return self._pages.setdefault(fingerprint(labels), Page(labels))

    async def read(self, connection: Any) -> None:
        """All states and open instances. Where they contradict each other, plain SQL was here, and instances are right:
        an open one counts as firing, and one that was resolved is told of, as if a person had."""
        instances = {
            row["id"]: instance_of(row) for row in await connection.fetch(SQL["instances_of_rule"], self.rule.id)
        }
        for row in await connection.fetch(SQL["states_of_rule"], self.rule.id):
            state = State(
                labels=labels_of(row["labels"]),
                phase=Phase(row["phase"]),
                since=row["since"],
                evaluated_at=row["evaluated_at"],
                value=row["value"],
                memory=row["memory"],
            )
            page = Page(state.labels, state, row["told"])
            page.kept = state, row["told"], row["instance_id"]
            self._pages[row["fingerprint"]] = page
        for instance in instances.values():
            page = self._pages.setdefault(instance.fingerprint, Page(instance.labels))
            if instance.resolved_at is None:
                page.instance = instance
                if page.state is None or not page.state.phase.is_open:
                    page.state = instance.as_state(self.now)
            else:
                page.closed.append(instance)
                self._settled.add(instance.id)
        for page in self._pages.values():
            if page.state is not None and page.state.phase.is_open and page.instance is None:
                page.state = resolved_by_person(page.state, self.now)

    def apply(self, decision: Decision) -> None:
        """What an evaluation decided for one label set."""
        after = decision.after
        page = self.page(after.labels)
        page.state, page.forget, page.context = after, decision.forget, decision.context
        for event in decision.events:
            closing = page.instance
            if event.change is Change.FIRING and page.instance is None:
                self._open(page, decision.context)
            elif event.change is Change.RESOLVED and page.instance is not None:
                page.close(self.now, event.reason)
            instance = page.instance or closing
            self.journal.add(
                event.change.value,
                after.labels,
                None if instance is None else instance.id,
                after.value,
                {"reason": event.reason, **event.detail},
            )

    def _open(self, page: Page, context: Mapping[str, Any]) -> None:
        assert page.state is not None
        value = page.state.value
        page.instance = Instance(
            id=uuid4(),
            fingerprint=fingerprint(page.labels),
            labels=page.labels,
            triggered_at=self.now,
            value=value,
            message=message_of(self.rule, page.labels, value),
            context=context,
        )
        page.opened = True
        self.fired = True

    async def write(self, connection: Any) -> None:
        """Everything that changed since `read`."""
        await self._write_resolved(connection)
        await self._write_opened(connection)
        await self._write_states(connection)
        await self.journal.write(connection)

    async def _write_resolved(self, connection: Any) -> None:
        rows = [
            (instance.id, instance.resolved_at, instance.resolved_because, instance.resolved_by)
            for page in self
            for instance in page.closed
            if instance.id not in self._settled
        ]
        if rows:
            await connection.execute(SQL["resolve_instances"], *_columns(rows))

    async def _write_opened(self, connection: Any) -> None:
        rows = [
            (each.id, each.fingerprint, dict(each.labels), each.value, each.message, dict(each.context))
            for page in self
            if page.opened and (each := page.instance) is not None
        ]
        if rows:
            await connection.execute(
                SQL["open_instances"], self.rule.id, self.now, self.rule.threshold, *_columns(rows)
            )

    async def _write_states(self, connection: Any) -> None:
        forgotten = [print_ for print_, page in self._pages.items() if page.forget and self._is_forgettable(page)]
        if forgotten:
            await connection.execute(SQL["forget_states"], self.rule.id, forgotten)
        rows = [
            (
                print_,
                dict(state.labels),
                state.phase.value,
                state.since,
                state.evaluated_at,
                state.value,
                dict(state.memory),
                dict(page.told),
                page.instance_id,
            )
            for print_, page in self._pages.items()
            if print_ not in forgotten and (state := page.state) is not None and page.kept != page.keeping
        ]
        if rows:
            await connection.execute(SQL["keep_states"], self.rule.id, *_columns(rows))

    def _is_forgettable(self, page: Page) -> bool:
        """What was told outlives the alert as long as its cooldown may hold something back."""
        return page.state is None or not page.told or self.now - page.state.since >= self.rule.cooldown


def _columns(rows: list[tuple[Any, ...]]) -> list[list[Any]]:
    return [list(column) for column in zip(*rows, strict=True)]
