"""The files of the pages over HTTP: one index for all paths, hashed files kept for ever, nothing run but ours."""

import re
from collections.abc import Iterator

import httpx
import pytest

from server.pages import WEB
from tests.served_api import served_api


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    # Files need no database.
    with served_api("postgresql://127.0.0.1:1/none") as client:
        yield client


def hashed_script() -> str:
    """The largest, which is worth compressing."""
    scripts = (WEB / "admin" / "_app" / "immutable").rglob("*.js")
    return "/" + max(scripts, key=lambda path: path.stat().st_size).relative_to(WEB).as_posix()


def test_the_root_leads_to_the_pages(client: httpx.Client) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer.headers["location"]) == (307, "/admin/")


@pytest.mark.parametrize("path", ["/admin", "/admin/", "/admin/traces", "/admin/traces/5b8a%2Faa5?from=now-1h"])
def test_every_path_of_the_pages_is_the_index(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.content == (WEB / "index.html").read_bytes()
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_the_index_runs_its_own_scripts_and_no_other(client: httpx.Client) -> None:
    policy = client.get("/admin/").headers["content-security-policy"]
    scripts = re.search(r"script-src ([^;]*)", policy)
    assert scripts is not None
    assert re.fullmatch(r"'self'( 'sha256-[A-Za-z0-9+/]{43}=')+", scripts[1])
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        ("gzip, deflate, br", "br"),
        ("gzip", "gzip"),
        ("br;q=0, gzip;q=0.5", "gzip"),
        ("identity", None),
        ("", None),
    ],
)
def test_files_come_compressed_as_the_browser_takes_them(
    client: httpx.Client, accepted: str, encoding: str | None
) -> None:
    path = hashed_script()
    with client.stream("GET", path, headers={"accept-encoding": accepted}) as answer:
        sent = b"".join(answer.iter_raw())
    ending = {"br": ".br", "gzip": ".gz", None: ""}[encoding]
    assert sent == (WEB / (path[1:] + ending)).read_bytes()
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["vary"] == "Accept-Encoding"
    assert answer.headers["content-type"].startswith(("text/javascript", "application/javascript"))


def test_hashed_files_are_kept_for_ever_and_others_are_not(client: httpx.Client) -> None:
    assert client.get(hashed_script()).headers["cache-control"] == "public, max-age=31536000, immutable"
    assert client.get("/admin/_app/version.json").headers["cache-control"] == "no-cache"
    missing = client.get("/admin/_app/immutable/chunks/none.js")
    assert (missing.status_code, missing.headers["cache-control"]) == (404, "no-store")


def test_nothing_above_the_files_is_served(client: httpx.Client) -> None:
    for path in ("/admin/_app/%2e%2e/.sources", "/admin/_app/..%2f..%2fpages.py", "/static/%2e%2e/pages.py"):
        assert client.get(path).status_code == 404
