"""Guessing passwords gets slower and slower: by account, and by address."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from access.principals import Role
from tests.served_api import sql
from tests.signing_in import PASSWORD, PEOPLE, add_person, browser

SESSION = "/api/access/session"
WAIT = "SELECT extract(epoch FROM blocked_until - last_at)::int AS seconds, attempts FROM enterprise.sign_in_attempts"


def attempt(client: httpx.Client, email: str, password: str = "a wrong password") -> httpx.Response:
    return client.post(SESSION, json={"email": email, "password": password})


@pytest.fixture
def victim(people_database: str) -> Iterator[str]:
    email = "victim@example.com"
    add_person(people_database, email, Role.VIEWER)
    yield email
    sql(people_database, "DELETE FROM enterprise.people WHERE email = $1", email)


def waited(dsn: str) -> None:
    """As if the wait were over."""
    sql(dsn, "UPDATE enterprise.sign_in_attempts SET blocked_until = now()")


def test_after_a_few_wrong_passwords_even_the_right_one_has_to_wait(
    nobody: httpx.Client, people_database: str, victim: str
) -> None:
    assert [attempt(nobody, victim).status_code for _ in range(6)] == [401] * 6
    refused = attempt(nobody, victim, PASSWORD)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert refused.json() == {"detail": "Too many attempts: try again in 1 s"}
    waited(people_database)
    assert attempt(nobody, victim, PASSWORD).status_code == 200


def test_each_wait_is_twice_the_last_up_to_a_longest_one(
    nobody: httpx.Client, people_database: str, victim: str
) -> None:
    waits = []
    for _ in range(16):
        assert attempt(nobody, victim).status_code == 401
        waits.append(sql(people_database, f"{WAIT} WHERE subject = $1", f"account:{victim}")[0]["seconds"])
        waited(people_database)
    assert waits == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_an_account_that_does_not_exist_is_throttled_alike(nobody: httpx.Client) -> None:
    statuses = [attempt(nobody, "nobody@example.com").status_code for _ in range(7)]
    assert statuses == [401] * 6 + [429]


def test_an_address_that_guesses_at_many_accounts_is_throttled_for_all_of_them(
    nobody: httpx.Client, people_database: str
) -> None:
    statuses = [attempt(nobody, f"guess{number}@example.com").status_code for number in range(22)]
    assert statuses == [401] * 21 + [429]
    assert attempt(nobody, PEOPLE[Role.VIEWER], PASSWORD).status_code == 429
    assert sql(people_database, f"{WAIT} WHERE subject = 'address:127.0.0.1'")[0]["attempts"] == 21


def test_signing_in_forgets_the_accounts_attempts_and_not_the_addresss(
    nobody: httpx.Client, people_database: str, victim: str
) -> None:
    for _ in range(3):
        attempt(nobody, victim)
    assert attempt(nobody, victim, PASSWORD).status_code == 200
    left = sql(people_database, "SELECT subject, attempts FROM enterprise.sign_in_attempts")
    assert [tuple(row) for row in left] == [("address:127.0.0.1", 3)]


def test_guesses_that_come_at_once_count_one_by_one(nobody: httpx.Client, people_database: str, victim: str) -> None:
    with browser(nobody.base_url) as client, ThreadPoolExecutor(12) as pool:
        statuses = [answer.status_code for answer in pool.map(lambda _: attempt(client, victim), range(12))]
    assert statuses.count(401) <= 6
    assert set(statuses) == {401, 429}


def test_attempts_of_long_ago_are_forgotten(nobody: httpx.Client, people_database: str, victim: str) -> None:
    for _ in range(6):
        attempt(nobody, victim)
    sql(
        people_database,
        "UPDATE enterprise.sign_in_attempts SET last_at = now() - interval '13 hours', blocked_until = now()",
    )
    assert attempt(nobody, victim).status_code == 401
    assert sql(people_database, f"{WAIT} WHERE subject = $1", f"account:{victim}")[0]["attempts"] == 1
