"""Names of fields, and where their values were counted."""

import pytest

from query_api.search.naming import SIGNALS, Counted, choices, columns, counted, key_prefixes, name_of

LOGS, TRACES = SIGNALS["logs"], SIGNALS["traces"]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("level", [Counted("logs", "column", "level")]),
        ("service.name", [Counted("logs", "column", "service_name")]),
        ("resource.level", [Counted("logs", "resource", "level")]),
        ("attributes.level", [Counted("logs", "item", "level")]),
        ("scope.name", [Counted("logs", "scope", "name")]),
        ("order", [Counted("logs", place, "order") for place in ("item", "resource", "scope")]),
    ],
)
def test_a_name_stands_for_what_a_search_looks_at(name: str, expected: list[Counted]) -> None:
    assert counted(LOGS, name) == expected


def test_an_attribute_that_became_a_column_is_sought_there_too() -> None:
    assert counted(LOGS, "http.route")[-1] == Counted("logs", "column", "endpoint")


def test_traces_have_their_own_columns_and_those_of_spans() -> None:
    assert counted(TRACES, "status") == [Counted("spans", "column", "status")]
    assert counted(TRACES, "trace.status") == [Counted("traces", "column", "status")]


@pytest.mark.parametrize(
    ("place", "key", "name"),
    [
        ("item", "order", "order"),
        ("item", "level", "attributes.level"),
        ("item", "resource.order", "attributes.resource.order"),
        ("resource", "order", "resource.order"),
        ("scope", "name", "scope.name"),
    ],
)
def test_the_name_of_an_attribute_means_it(place: str, key: str, name: str) -> None:
    assert name_of(LOGS, place, key) == name
    assert Counted("logs", place, key) in counted(LOGS, name)


@pytest.mark.parametrize(
    ("prefix", "item", "resource", "scope"),
    [
        ("", "", "", ""),
        ("http.", "http.", "http.", "http."),
        ("Res", "Res", "", "Res"),
        ("resource.", None, "", None),
        ("Resource.K8s", None, "K8s", None),
        ("attributes.http", "http", None, None),
        ("s", "s", "s", ""),
    ],
)
def test_keys_of_a_prefix_begin_so_or_their_names_do(
    prefix: str, item: str | None, resource: str | None, scope: str | None
) -> None:
    assert key_prefixes(prefix) == {"item": item, "resource": resource, "scope": scope}


def test_a_column_goes_by_the_first_name_that_begins_so() -> None:
    assert columns(LOGS, "SERVICE_") == {"service_name": (Counted("logs", "column", "service_name"), "string")}
    assert list(columns(LOGS, "se")) == ["severity_number", "severity_text", "service", "session_id"]
    assert columns(TRACES, "dur")["duration"][1] == "duration"


def test_choices_are_all_the_values_a_column_can_have() -> None:
    assert choices(LOGS, "level") == ["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
    assert choices(TRACES, "kind")[:2] == ["unspecified", "internal"]
    assert choices(LOGS, "message") == choices(LOGS, "unknown") == []
