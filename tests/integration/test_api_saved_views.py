"""/views: what a person keeps of a page."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import httpx
import pytest

from query_api.saved_view_models import LONGEST_QUERY, SavedView, SavedViews
from tests.conftest import copied

VIEWS = "/api/observability/views"
ANN, BOB = {"user_email": "ann@example.com"}, {"user_email": "bob@example.com"}


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


def save(api: httpx.Client, name: str, user: dict[str, str] = ANN, **given: Any) -> dict[str, Any]:
    answer = api.post(VIEWS, params=user, json={"name": name, "page": "logs"} | given)
    assert answer.status_code == 200, answer.text
    SavedView.model_validate_json(answer.text)
    view: dict[str, Any] = answer.json()
    return view


def seen(api: httpx.Client, **parameters: str) -> list[str]:
    answer = api.get(VIEWS, params=parameters)
    assert answer.status_code == 200, answer.text
    SavedViews.model_validate_json(answer.text)
    return [view["name"] for view in answer.json()["views"]]


def test_a_saved_view_is_found_as_it_was_saved(api: httpx.Client) -> None:
    view = save(api, "Failed payments", query="q=level%3Aerror&hours=6")
    assert {name: view[name] for name in ("name", "page", "query", "owner", "shared")} == {
        "name": "Failed payments",
        "page": "logs",
        "query": "q=level%3Aerror&hours=6",
        "owner": "ann@example.com",
        "shared": False,
    }
    assert api.get(f"{VIEWS}/{view['id']}", params=ANN).json() == view


def test_one_sees_ones_own_views_and_those_that_are_shared(api: httpx.Client) -> None:
    save(api, "b mine")
    save(api, "a shared", BOB, shared=True)
    hidden = save(api, "hidden", BOB)
    save(api, "slow", page="traces")
    assert seen(api, **ANN) == ["a shared", "b mine", "slow"]
    assert seen(api, **ANN, page="traces") == ["slow"]
    assert seen(api) == ["a shared"]
    assert api.get(f"{VIEWS}/{hidden['id']}", params=ANN).status_code == 404


def test_an_owner_changes_what_is_given_and_nothing_else(api: httpx.Client) -> None:
    view = save(api, "old", query="hours=1")
    changed = api.put(f"{VIEWS}/{view['id']}", params=ANN, json={"name": "new", "shared": True, "query": None})
    assert changed.status_code == 200, changed.text
    assert changed.json() | {"updated_at": None} == view | {"name": "new", "shared": True, "updated_at": None}
    assert changed.json()["updated_at"] > view["updated_at"]


def test_nobody_changes_or_deletes_anothers_view(api: httpx.Client) -> None:
    view = save(api, "theirs", BOB, shared=True)
    path = f"{VIEWS}/{view['id']}"
    assert api.put(path, params=ANN, json={"name": "mine"}).status_code == 404
    assert api.delete(path, params=ANN).status_code == 404
    assert api.get(path, params=ANN).json() == view


def test_a_deleted_view_is_gone(api: httpx.Client) -> None:
    path = f"{VIEWS}/{save(api, 'gone')['id']}"
    assert api.delete(path, params=ANN).json() == {"message": "View deleted"}
    for answer in (api.delete(path, params=ANN), api.get(path, params=ANN), api.put(path, params=ANN, json={})):
        assert (answer.status_code, answer.json()) == (404, {"detail": "View not found"})


def test_a_name_is_taken_once_an_owner_and_page(api: httpx.Client) -> None:
    save(api, "same")
    save(api, "same", BOB)
    save(api, "same", page="traces")
    other = save(api, "other")
    taken = (
        api.post(VIEWS, params=ANN, json={"name": "same", "page": "logs"}),
        api.put(f"{VIEWS}/{other['id']}", params=ANN, json={"name": "same"}),
    )
    for answer in taken:
        assert answer.status_code == 409
        assert answer.json() == {"detail": "You have a view of this name for this page already"}
    assert seen(api, **ANN) == ["other", "same", "same"]


@pytest.mark.parametrize(
    "view",
    [
        {},
        {"name": "n"},
        {"page": "logs"},
        {"name": "", "page": "logs"},
        {"name": "  ", "page": "logs"},
        {"name": "n" * 256, "page": "logs"},
        {"name": "n\0", "page": "logs"},
        {"name": "n", "page": "nothing"},
        {"name": "n", "page": "logs", "query": "q" * (LONGEST_QUERY + 1)},
        {"name": "n", "page": "logs", "owner": "bob@example.com"},
    ],
)
def test_what_is_no_view_is_422(api: httpx.Client, view: dict[str, str]) -> None:
    assert api.post(VIEWS, params=ANN, json=view).status_code == 422
    assert seen(api, **ANN) == []


def test_a_change_needs_an_owner_and_an_id(api: httpx.Client) -> None:
    assert api.post(VIEWS, json={"name": "n", "page": "logs"}).status_code == 422
    assert api.delete(f"{VIEWS}/{uuid4()}").status_code == 422
    assert api.get(f"{VIEWS}/no-id").status_code == 422
