"""Who is let in to API and pages, what browsers are told, and that OpenAPI describes what is answered."""

from collections.abc import Iterator

import httpx
import pytest
from pydantic import SecretStr

from server.settings import Settings
from tests.served_api import served_api

TOKEN = "correct horse battery"
CLOSED = [
    "/admin/",
    "/metrics",
    "/api/docs",
    "/api/openapi.json",
    "/api/access/users",
    "/api/observability/traces",
    "/other",
]


@pytest.fixture
def open_api(database: str) -> Iterator[httpx.Client]:
    with served_api(database) as client:
        yield client


@pytest.fixture
def guarded_api(database: str) -> Iterator[httpx.Client]:
    with served_api(database, Settings(admin_token=SecretStr(TOKEN))) as client:
        yield client


def test_with_a_token_set_nothing_but_the_probes_is_open(guarded_api: httpx.Client) -> None:
    for path in CLOSED:
        answer = guarded_api.get(path)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Basic ")
        assert list(answer.json()) == ["detail"]
        assert guarded_api.get(path, headers={"authorization": "Bearer wrong"}).status_code == 401
    assert guarded_api.get("/healthz").status_code == 200
    assert guarded_api.get("/readyz").status_code == 200


def test_the_token_opens_as_bearer_and_as_a_browsers_password(guarded_api: httpx.Client) -> None:
    for path in CLOSED:
        expected = 404 if path == "/other" else 200
        bearer = {"authorization": f"Bearer {TOKEN}"}
        assert guarded_api.get(path, headers=bearer).status_code == expected
        assert guarded_api.get(path, auth=("anyone", TOKEN)).status_code == expected


@pytest.mark.parametrize("garbage", ["Basic \u00e9", "Basic YQ", "Basic \u00ff\u00ff\u00ff\u00ff", "Basic"])
def test_a_password_that_cannot_be_read_opens_nothing(guarded_api: httpx.Client, garbage: str) -> None:
    for path in CLOSED:
        assert guarded_api.get(path, headers={"authorization": garbage.encode("latin-1")}).status_code == 401


def test_a_foreign_host_is_refused_on_loopback(open_api: httpx.Client) -> None:
    answer = open_api.get("/api/observability/traces", headers={"host": "evil.example"})
    assert answer.status_code == 403
    assert "evil.example" in answer.json()["detail"]
    for host in ("localhost:8000", "127.0.0.1", "[::1]:8000"):
        assert open_api.get("/api/observability/traces", headers={"host": host}).status_code == 200


def test_pages_and_answers_carry_a_strict_content_policy(open_api: httpx.Client) -> None:
    for path in [*CLOSED, "/static/docs.js"]:
        headers = open_api.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'self';")
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == ("no-cache" if path.startswith(("/static/", "/admin/")) else "no-store")


def test_openapi_describes_every_read_with_its_answers_and_failures(open_api: httpx.Client) -> None:
    description = open_api.get("/api/openapi.json").json()
    reads = {
        path: item["get"] for path, item in description["paths"].items() if "get" in item and "observability" in path
    }
    assert set(reads) == {
        "/api/observability/traces",
        "/api/observability/traces/compare",
        "/api/observability/traces/stats/summary",
        "/api/observability/traces/{trace_id}",
        "/api/observability/traces/{trace_id}/export",
        "/api/observability/traces/{trace_id}/links",
        "/api/observability/traces/{trace_id}/outline",
        "/api/observability/traces/{trace_id}/spans/{span_id}",
        "/api/observability/traces/{trace_id}/tree",
        "/api/observability/spans",
        "/api/observability/services",
        "/api/observability/services/latency",
        "/api/observability/services/map",
        "/api/observability/services/red",
        "/api/observability/services/{service}/operations",
        "/api/observability/metrics/attributes",
        "/api/observability/metrics/catalogue",
        "/api/observability/metrics/exemplars",
        "/api/observability/metrics/query",
        "/api/observability/logs/patterns",
        "/api/observability/logs",
        "/api/observability/logs/{log_id}",
        "/api/observability/logs/{log_id}/context",
        "/api/observability/logs/export",
        "/api/observability/logs/stats/histogram",
        "/api/observability/logs/stats/facets",
        "/api/observability/logs/stats/levels",
        "/api/observability/logs/stream",
        "/api/observability/search/progress",
        "/api/observability/fields",
        "/api/observability/fields/{name}/values",
        "/api/observability/ingest",
        "/api/observability/llm/calls",
        "/api/observability/llm/summary",
        "/api/observability/rag/summary",
        "/api/observability/usage",
        "/api/observability/views",
        "/api/observability/views/{view_id}",
        "/api/observability/alerts/audit",
        "/api/observability/alerts/counts",
        "/api/observability/alerts/engine",
        "/api/observability/alerts/provisioning",
        "/api/observability/alerts/provisioning/export",
        "/api/observability/alerts/history",
        "/api/observability/alerts/instances",
        "/api/observability/alerts/instances/{instance_id}",
        "/api/observability/alerts/rules",
        "/api/observability/alerts/rules/{rule_id}",
        "/api/observability/alerts/channels",
        "/api/observability/alerts/channels/{name}",
        "/api/observability/alerts/inhibitions",
        "/api/observability/alerts/inhibitions/{name}",
        "/api/observability/alerts/routes",
        "/api/observability/alerts/routes/{name}",
        "/api/observability/alerts/silences",
        "/api/observability/alerts/silences/{silence_id}",
    }
    # The stream waits for the database; it needs no answer for one that is away.
    assert set(reads.pop("/api/observability/logs/stream")["responses"]) == {"200", "422", "503"}
    # What is told of the start asks nothing of the database.
    assert set(reads.pop("/api/observability/alerts/provisioning")["responses"]) == {"200"}
    files = reads["/api/observability/logs/export"]["responses"]["200"]["content"]
    assert set(files) == {"application/x-ndjson", "text/csv"}
    for path, read in reads.items():
        assert read["description"]
        with_id = {"404"} if "{" in path or path.endswith("/compare") else set()
        with_parameters = {"422"} if "parameters" in read else set()
        assert set(read["responses"]) == {"200", "500", "503", "504"} | with_id | with_parameters
        if path.endswith("/export"):
            continue
        answer = read["responses"]["200"]["content"]["application/json"]["schema"]
        assert answer["$ref"].removeprefix("#/components/schemas/") in description["components"]["schemas"]
    hours = next(each for each in reads["/api/observability/logs"]["parameters"] if each["name"] == "hours")
    assert {key: hours["schema"][key] for key in ("minimum", "maximum", "default")} == {
        "minimum": 1,
        "maximum": 168,
        "default": 24,
    }


def test_no_other_sites_page_changes_anything(open_api: httpx.Client) -> None:
    path, view = "/api/observability/views?user_email=a", '{"name": "n", "page": "logs"}'
    foreign = {"origin": "https://elsewhere.example"}
    refused = open_api.post(path, content=view, headers=foreign)
    assert (refused.status_code, list(refused.json())) == (403, ["detail"])
    assert open_api.get(path).json() == {"views": []}
    own = {"origin": str(open_api.base_url).rstrip("/"), "content-type": "application/json"}
    assert open_api.post(path, content=view, headers=own).status_code == 200
    assert open_api.get(path, headers=foreign).status_code == 200
