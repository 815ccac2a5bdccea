"""Addresses that notices link to."""

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from alerting.labels import labels_of
from alerting.links import Links
from alerting.rules import Condition, Rule
from query_api.search.reading import read

AT = datetime(2026, 11, 23, 10, tzinfo=UTC)
RULE = Rule(UUID(int=1), "Errors", "logs", Condition.GT, 10.0, query="level:error OR payment", group_by=("service",))


def test_without_a_public_address_they_are_paths() -> None:
    links = Links().of_alert(RULE, (), UUID(int=2), {}, AT)
    assert links["alert"] == f"/admin/alerts?instance_id={UUID(int=2)}"
    assert all(link.startswith("/admin/") for link in links.values())


def test_a_runbook_is_linked_if_it_is_an_address() -> None:
    good = replace(RULE, annotations=labels_of({"runbook_url": "https://wiki.example.com/a"}))
    bad = replace(RULE, annotations=labels_of({"runbook_url": "javascript:alert(1)"}))
    assert Links().of_alert(good, (), UUID(int=2), {}, AT)["runbook"] == "https://wiki.example.com/a"
    assert "runbook" not in Links().of_alert(bad, (), UUID(int=2), {}, AT)


@given(st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1))
def test_the_search_finds_what_was_counted_whatever_the_labels(value: str) -> None:
    links = Links().of_alert(RULE, labels_of({"service": value}), UUID(int=2), {}, AT)
    parameters = parse_qs(urlsplit(links["logs"]).query)
    [search] = parameters["q"]
    assert search.startswith("(level:error OR payment) AND service:")
    assert read(search)
    assert parameters["to"] == [AT.isoformat()]
