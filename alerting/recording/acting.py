"""What people do with alerts: they acknowledge and resolve them."""

from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from alerting.deciding.resolving import resolved_by_person
from alerting.links import Links
from alerting.recording.book import Book, Page
from alerting.recording.broken import readable
from alerting.recording.outbox import Outbox
from alerting.recording.telling import tell_people
from alerting.states import Change
from database.queries import load

SQL = load(__package__)


class Act(Enum):
    """What came of it."""

    DONE = "done"
    UNKNOWN = "unknown"
    OVER = "over"
    """The alert is resolved already; nothing was changed."""


async def acknowledge(connection: Any, instance_id: UUID, by: str | None, now: datetime) -> Act:
    """Who acknowledges last is kept. The connection MUST be in a transaction."""
    book, page = await _open(connection, instance_id, now)
    if page is None:
        return await _missed(connection, instance_id)
    assert book is not None
    before = _status(page)
    await connection.execute(SQL["acknowledge_instance"], instance_id, by, now)
    book.journal.add("acknowledged", page.labels, instance_id, page.value, actor=by)
    await book.journal.write(connection)
    after = {"status": "acknowledged", "acknowledged_by": by}
    await _audit(connection, "acknowledge", instance_id, book, by, before, after)
    return Act.DONE


async def resolve(connection: Any, instance_id: UUID, by: str | None, now: datetime, links: Links) -> Act:
    """While the condition goes on holding the next evaluation opens another instance. The connection MUST be in a
    transaction."""
    book, page = await _open(connection, instance_id, now)
    if page is None:
        return await _missed(connection, instance_id)
    assert book is not None
    before, after = _status(page), {"status": "resolved", "resolved_by": by}
    await _close(connection, book, [page], "person", by, links)
    await _audit(connection, "resolve", instance_id, book, by, before, after)
    return Act.DONE


async def settle(
    connection: Any, rule_id: UUID, because: str, now: datetime, links: Links, by: str | None = None
) -> int:
    """Closes whatever is open of a rule that is evaluated no more, and says how many instances that were."""
    row = await connection.fetchrow(SQL["lock_rule"], rule_id)
    if row is None:
        return 0
    book = Book(readable(row), now)
    await book.read(connection)
    pages = [page for page in book if page.instance is not None]
    for page in book:
        if page.state is not None and page.instance is None:
            page.forget = True
    await _close(connection, book, pages, because, by, links)
    return len(pages)


async def _open(connection: Any, instance_id: UUID, now: datetime) -> tuple[Book | None, Page | None]:
    """The rule's book and the instance's page in it, locked; no page unless it is open."""
    row = await connection.fetchrow(SQL["lock_rule_of_instance"], instance_id)
    if row is None:
        return None, None
    book = Book(readable(row), now)
    await book.read(connection)
    return book, next((page for page in book if page.instance_id == instance_id), None)


async def _missed(connection: Any, instance_id: UUID) -> Act:
    return Act.OVER if await connection.fetchval(SQL["instance_exists"], instance_id) else Act.UNKNOWN


async def _close(connection: Any, book: Book, pages: list[Page], because: str, by: str | None, links: Links) -> None:
    for page in pages:
        instance, value = page.instance, page.value
        assert instance is not None
        assert page.state is not None
        page.close(book.now, because, by)
        page.state = resolved_by_person(page.state, book.now)
        book.journal.add(Change.RESOLVED.value, page.labels, instance.id, value, {"reason": because}, actor=by)
    outbox = Outbox(book.now)
    await tell_people(connection, book, outbox, links)
    await book.write(connection)
    await outbox.write(connection)


def _status(page: Page) -> dict[str, Any]:
    assert page.instance is not None
    if page.instance.acknowledged:
        return {"status": "acknowledged", "acknowledged_by": page.instance.acknowledged_by}
    return {"status": "firing"}


async def _audit(
    connection: Any,
    action: str,
    instance_id: UUID,
    book: Book,
    by: str | None,
    before: dict[str, Any],
    after: dict[str, Any],
) -> None:
    await connection.execute(SQL["audit_act"], book.now, by, action, str(instance_id), book.rule.name, before, after)
