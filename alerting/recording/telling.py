"""Asks policy whom to tell of the alerts in a book, and puts that into the outbox."""

from collections.abc import Collection, Mapping
from typing import Any

from alerting.labels import labels_of
from alerting.links import Links
from alerting.policy.policies import Policies, read_policies
from alerting.policy.telling import Alert, tell
from alerting.recording.book import Book, Page
from alerting.recording.instances import Instance
from alerting.recording.items import item_of_alert
from alerting.recording.outbox import Outbox
from database.queries import load

SQL = load(__package__)
MOST_FIRING = 10_000


async def tell_people(connection: Any, book: Book, outbox: Outbox, links: Links) -> None:
    """Every open instance, and those just resolved first: what was told of them counts for the next."""
    concerned = book.concerned
    if not concerned:
        return
    policies = await read_policies(connection)
    firing = await _firing(connection, book, policies)
    for page in concerned:
        for instance in page.closed:
            _tell(book, page, instance, policies, firing, outbox, links)
        if page.instance is not None:
            _tell(book, page, page.instance, policies, firing, outbox, links)


def _tell(
    book: Book,
    page: Page,
    instance: Instance,
    policies: Policies,
    firing: Collection[Mapping[str, str]],
    outbox: Outbox,
    links: Links,
) -> None:
    alert = Alert(
        rule=book.rule,
        labels=page.labels,
        instance_id=instance.id,
        triggered_at=instance.triggered_at,
        resolved_at=instance.resolved_at,
        acknowledged=instance.acknowledged,
        told=page.told,
    )
    telling = tell(alert, policies, firing, book.now)
    page.told = telling.told
    for event, detail in telling.events:
        book.journal.add(event, page.labels, instance.id, page.value, detail)
    for notice in telling.notices:
        item = item_of_alert(book.rule, page, instance, notice.told, links, book.now)
        outbox.add("alert", notice.channel, notice.group_key, item.as_json(), notice.due_at, notice.gap)
    channels: dict[str, list[str]] = {}
    for notice in telling.notices:
        channels.setdefault(notice.told.value, []).append(notice.channel)
    for told, names in channels.items():
        book.journal.add("told", page.labels, instance.id, page.value, {"of": told, "channels": names})


async def _firing(connection: Any, book: Book, policies: Policies) -> list[dict[str, str]]:
    """The labels of all firing alerts, as this transaction leaves them; only inhibitions ask for them."""
    if not policies.inhibitions:
        return []
    firing = [book.rule.alert_labels(page.labels) for page in book if page.instance is not None]
    for row in await connection.fetch(SQL["firing_elsewhere"], book.rule.id, MOST_FIRING):
        own = dict(labels_of(row["rule_labels"])) | dict(labels_of(row["labels"]))
        firing.append(own | {"alertname": row["name"], "severity": row["severity"]})
    return firing
