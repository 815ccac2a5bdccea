"""The files for Grafana agree with one another and with the pages that they lead to."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.grafana_files import DASHBOARDS, FOLDER, QUERIES, provisioned
from tests.grafana_queries import Query

PAGES = Path(__file__).parents[2] / "ui" / "src" / "routes"
OURS = "${otelgres}"
UIDS = {dashboard["uid"]: dashboard for dashboard in DASHBOARDS.values()}
SOURCES = {source["uid"]: source for source in provisioned("datasources")["datasources"]}


def objects(value: Any) -> Iterator[dict[str, Any]]:
    """All objects within a value of JSON, at any depth."""
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from objects(each)


def links(dashboard: dict[str, Any]) -> list[str]:
    return [each["url"] for each in objects(dashboard) if "url" in each]


LINKS = sorted({link for dashboard in DASHBOARDS.values() for link in links(dashboard)})


def variables(dashboard: dict[str, Any]) -> set[str]:
    return {variable["name"] for variable in dashboard["templating"]["list"]}


def has_page(path: str) -> bool:
    """Whether our pages have this path; a folder in brackets stands for any name."""
    folders = [PAGES]
    for name in path.strip("/").split("/"):
        folders = [
            inner
            for folder in folders
            for inner in folder.iterdir()
            if inner.is_dir() and (inner.name == name or ("$" in name and inner.name.startswith("[")))
        ]
    return any(folder.glob("+page*.svelte") for folder in folders)


def test_there_is_a_dashboard_for_each_subject() -> None:
    assert set(DASHBOARDS) == {"overview", "service", "trace", "logs", "alerts", "llm-cost"}


def test_uids_are_unique_and_begin_alike() -> None:
    assert UIDS.keys() == {f"otelgres-{name}" for name in DASHBOARDS}
    assert len({dashboard["title"] for dashboard in DASHBOARDS.values()}) == len(DASHBOARDS)


@pytest.mark.parametrize("name", DASHBOARDS)
def test_panels_have_ids_of_their_own_and_do_not_overlap(name: str) -> None:
    panels = DASHBOARDS[name]["panels"]
    places = [
        (x, y)
        for panel in panels
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert len(set(places)) == len(places)
    assert max(x for x, _ in places) < 24


@pytest.mark.parametrize("name", DASHBOARDS)
def test_every_query_goes_to_a_source_that_is_provisioned(name: str) -> None:
    asked = {(each["datasource"]["uid"], each["datasource"]["type"]) for each in objects(DASHBOARDS[name])
             if "datasource" in each}  # fmt: skip
    assert asked == {("otelgres-postgres", SOURCES["otelgres-postgres"]["type"])}


@pytest.mark.parametrize("link", [link for link in LINKS if link.startswith("/d/")])
def test_links_to_dashboards_lead_to_one_that_has_their_variables(link: str) -> None:
    address = urlsplit(link)
    dashboard = UIDS[address.path.removeprefix("/d/")]
    given = {name.removeprefix("var-") for name in parse_qs(address.query) if name.startswith("var-")}
    assert given
    assert given <= variables(dashboard)
    assert link.endswith("&${__url_time_range}")


@pytest.mark.parametrize("link", [link for link in LINKS if not link.startswith("/d/")])
def test_links_to_our_pages_lead_to_one(link: str) -> None:
    assert link.startswith(f"{OURS}/admin/")
    assert has_page(urlsplit(link.removeprefix(OURS)).path)


def test_what_is_no_page_is_known_as_such() -> None:
    assert not has_page("/admin/tracks/${__value.raw}")


@pytest.mark.parametrize("name", DASHBOARDS)
def test_each_dashboard_knows_where_our_pages_are(name: str) -> None:
    (address,) = [each for each in DASHBOARDS[name]["templating"]["list"] if each["name"] == "otelgres"]
    assert (address["type"], address["query"], address["skipUrlSync"]) == ("constant", "http://localhost:8000", True)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("logs", "/d/otelgres-trace?var-traceID="),
        ("trace", "/d/otelgres-logs?var-trace="),
        ("overview", "/d/otelgres-trace?var-traceID="),
        ("overview", "/d/otelgres-service?var-service="),
        ("llm-cost", "/d/otelgres-trace?var-traceID="),
        ("logs", "${otelgres}/admin/traces/"),
        ("logs", "${otelgres}/admin/logs?log="),
        ("trace", "${otelgres}/admin/traces/"),
        ("alerts", "${otelgres}/admin/alerts/rules/"),
    ],
)
def test_one_comes_from_each_to_the_next(source: str, target: str) -> None:
    assert [link for link in links(DASHBOARDS[source]) if link.startswith(target)]


def test_lists_in_json_are_made_lists_for_the_traces_panel() -> None:
    (panel,) = [panel for panel in DASHBOARDS["trace"]["panels"] if panel["type"] == "traces"]
    (step,) = panel["transformations"]
    assert step["id"] == "convertFieldType"
    assert {(each["targetField"], each["destinationType"]) for each in step["options"]["conversions"]} == {
        (name, "other") for name in ("serviceTags", "tags", "logs", "references", "warnings", "stackTraces")
    }


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: f"{query.dashboard}: {query.place}")
def test_queries_use_variables_as_values_and_bound_what_they_read(query: Query) -> None:
    assert re.findall(r"\$\{(?!\w+:sqlstring\})[^}]*\}|\[\[", query.sql) == []
    assert set(re.findall(r"\$(\w+)", query.sql)) <= {
        *("__interval", "__interval_ms", "__timeFilter", "__timeFrom", "__timeTo", "__timeGroupAlias"),
    }
    bounded = ("$__timeFilter(", "status = 'firing'", "status = 'acknowledged'", "status <> 'resolved'", "traceID")
    assert query.panel == "variable" or any(bound in query.sql for bound in bounded)


def test_the_sources_are_postgresql_and_our_jaeger_api() -> None:
    assert SOURCES["otelgres-jaeger"]["url"] == "$OTELGRES_URL/jaeger"
    assert (SOURCES["otelgres-jaeger"]["type"], SOURCES["otelgres-postgres"]["type"]) == (
        "jaeger",
        "grafana-postgresql-datasource",
    )


@pytest.mark.parametrize("correlation", SOURCES["otelgres-postgres"]["correlations"], ids=lambda each: each["label"])
def test_correlations_are_as_grafana_reads_them(correlation: dict[str, Any]) -> None:
    """One without a description, or with a type beside its config, ends Grafana at its start."""
    assert correlation.keys() == {"targetUID", "label", "description", "config"}
    assert correlation["targetUID"] in SOURCES
    assert (correlation["config"]["type"], correlation["config"]["field"]) == ("query", "trace_id")


def test_every_variable_of_the_environment_is_told_in_the_read_me() -> None:
    told = (FOLDER / "README.md").read_text()
    named = set(re.findall(r"\$(OTELGRES_\w+)", json.dumps([*SOURCES.values(), provisioned("dashboards")])))
    assert named
    assert [name for name in named if f"{name}=" not in told] == []
