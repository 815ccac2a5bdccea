"""Guessing passwords gets slower and slower: from a network at an account, from a network, and at an account."""

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from itertools import islice

import httpx
import pytest

from access.people import passwords
from access.people.throttling import AT_ONCE, FORGOTTEN_AT_ONCE
from access.principals import Role
from tests.served_api import served_api, sql
from tests.signing_in import ADMIN_TOKEN, PASSWORD, PEOPLE, SETTINGS, add_person, browser

SESSION = "/api/access/session"
HERE = "127.0.0.1"
WAIT = """
    SELECT extract(epoch FROM blocked_until - last_at)::int AS seconds, attempts
    FROM enterprise.sign_in_attempts
    WHERE email = $1 AND network = $2
"""


def attempt(
    client: httpx.Client, email: str, password: str = "a wrong password", network: str | None = None
) -> httpx.Response:
    passed = {} if network is None else {"x-forwarded-for": network}
    # Who is signed in sends a header with changes, which these attempts do not have.
    client.cookies.clear()
    return client.post(SESSION, json={"email": email, "password": password}, headers=passed)


@pytest.fixture
def victim(people_database: str) -> Iterator[str]:
    email = "victim@example.com"
    add_person(people_database, email, Role.VIEWER)
    yield email
    sql(people_database, "DELETE FROM enterprise.people WHERE email = $1", email)


@pytest.fixture(scope="module")
def passed_on(people_database: str) -> Iterator[httpx.Client]:
    """A client of an API behind a proxy, which says where requests are from."""
    settings = SETTINGS.model_copy(update={"trusted_proxies": ("127.0.0.0/8",)})
    with served_api(people_database, settings) as client:
        yield client


@pytest.fixture
def from_everywhere(passed_on: httpx.Client, nobody: httpx.Client) -> httpx.Client:
    """As `passed_on`; nobody is kept waiting for earlier attempts."""
    passed_on.cookies.clear()
    return passed_on


def waited(dsn: str) -> None:
    """As if the wait were over."""
    sql(dsn, "UPDATE enterprise.sign_in_attempts SET blocked_until = now()")


def kept_waiting(dsn: str, email: str, network: str) -> None:
    """As if many attempts had come to nothing."""
    sql(
        dsn,
        "UPDATE enterprise.sign_in_attempts SET blocked_until = now() + interval '1 minute' "
        "WHERE email = $1 AND network = $2",
        email,
        network,
    )


def refusals(dsn: str, email: str) -> list[str]:
    rows = sql(dsn, "SELECT action FROM enterprise.access_audit WHERE actor = $1 ORDER BY id", email)
    return [row["action"] for row in rows if row["action"] != "user.created"]


def test_after_a_few_wrong_passwords_even_the_right_one_has_to_wait(
    nobody: httpx.Client, people_database: str, victim: str
) -> None:
    assert [attempt(nobody, victim).status_code for _ in range(6)] == [401] * 6
    kept_waiting(people_database, victim, HERE)
    refused = attempt(nobody, victim, PASSWORD)
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    assert refused.json() == {"detail": f"Too many attempts: try again in {refused.headers['retry-after']} s"}
    waited(people_database)
    assert attempt(nobody, victim, PASSWORD).status_code == 200


def test_each_wait_is_twice_the_last_up_to_a_longest_one(
    nobody: httpx.Client, people_database: str, victim: str
) -> None:
    waits = []
    for _ in range(16):
        assert attempt(nobody, victim).status_code == 401
        waits.append(sql(people_database, WAIT, victim, HERE)[0]["seconds"])
        waited(people_database)
    assert waits == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_an_account_that_does_not_exist_is_throttled_alike(nobody: httpx.Client, people_database: str) -> None:
    assert [attempt(nobody, "nobody@example.com").status_code for _ in range(6)] == [401] * 6
    assert sql(people_database, WAIT, "nobody@example.com", HERE)[0]["seconds"] == 1


def test_an_address_that_guesses_at_many_accounts_is_throttled_for_all_of_them(
    nobody: httpx.Client, people_database: str
) -> None:
    assert [attempt(nobody, f"guess{number}@example.com").status_code for number in range(21)] == [401] * 21
    wait = sql(people_database, WAIT, "", HERE)[0]
    assert (wait["seconds"], wait["attempts"]) == (1, 21)
    kept_waiting(people_database, "", HERE)
    assert attempt(nobody, PEOPLE[Role.VIEWER], PASSWORD).status_code == 429


def test_signing_in_forgets_the_accounts_attempts_from_there_and_not_the_others(
    nobody: httpx.Client, people_database: str, victim: str
) -> None:
    for _ in range(3):
        attempt(nobody, victim)
    assert attempt(nobody, victim, PASSWORD).status_code == 200
    left = sql(people_database, "SELECT email, network, attempts FROM enterprise.sign_in_attempts")
    assert {tuple(row) for row in left} == {("", HERE, 3), (victim, "", 3)}


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
    assert sql(people_database, WAIT, victim, HERE)[0]["attempts"] == 1


def test_strangers_elsewhere_make_nobody_wait(from_everywhere: httpx.Client, people_database: str, victim: str) -> None:
    for number in range(3):
        for _ in range(6):
            assert attempt(from_everywhere, victim, network=f"203.0.113.{number}").status_code == 401
        assert sql(people_database, WAIT, victim, f"203.0.113.{number}")[0]["seconds"] == 1
    assert attempt(from_everywhere, victim, PASSWORD, "198.51.100.7").status_code == 200


def test_an_account_as_a_whole_is_guessed_at_slowly_but_not_where_its_owner_signed_in(
    from_everywhere: httpx.Client, people_database: str, victim: str
) -> None:
    assert attempt(from_everywhere, victim, PASSWORD, "198.51.100.7").status_code == 200
    for number in range(51):
        assert attempt(from_everywhere, victim, network=f"203.0.113.{number}").status_code == 401
    row = sql(people_database, WAIT, victim, "")[0]
    assert (row["seconds"], row["attempts"]) == (1, 51)
    kept_waiting(people_database, victim, "")
    assert attempt(from_everywhere, victim, PASSWORD, "192.0.2.44").status_code == 429
    assert attempt(from_everywhere, victim, PASSWORD, "198.51.100.7").status_code == 200
    sql(people_database, "UPDATE enterprise.known_networks SET signed_in_at = now() - interval '31 days'")
    assert attempt(from_everywhere, victim, PASSWORD, "198.51.100.7").status_code == 429


def test_another_password_lets_the_owner_in_at_once(
    from_everywhere: httpx.Client, people_database: str, victim: str
) -> None:
    attempt(from_everywhere, victim, network="203.0.113.1")
    kept_waiting(people_database, victim, "")
    assert attempt(from_everywhere, victim, PASSWORD, "203.0.113.2").status_code == 429
    set_password(from_everywhere, victim)
    assert attempt(from_everywhere, victim, PASSWORD, "203.0.113.2").status_code == 200


def test_old_attempts_of_others_go_with_new_ones_that_fail(from_everywhere: httpx.Client, people_database: str) -> None:
    sql(
        people_database,
        "INSERT INTO enterprise.sign_in_attempts SELECT 'x', n::text, 1, now() - interval '13 hours', now() "
        "FROM generate_series(1, $1) AS n",
        FORGOTTEN_AT_ONCE + 5,
    )
    left = []
    for _ in range(2):
        assert attempt(from_everywhere, "nobody@example.com").status_code == 401
        left.append(sql(people_database, "SELECT count(*) FROM enterprise.sign_in_attempts WHERE email = 'x'")[0][0])
    assert left == [5, 0]


def test_the_audit_tells_when_somebody_is_slowed_down_and_no_attempt_after_that(
    from_everywhere: httpx.Client, people_database: str
) -> None:
    email = "slowed@example.com"
    for _ in range(9):
        attempt(from_everywhere, email, network="203.0.113.9")
        waited(people_database)
    kept_waiting(people_database, email, "203.0.113.9")
    assert attempt(from_everywhere, email, network="203.0.113.9").status_code == 429
    assert refusals(people_database, email) == ["session.refused"] * 5 + ["session.slowed_down"]
    rows = sql(
        people_database,
        "SELECT detail->'slowed_down'->>0 FROM enterprise.access_audit WHERE action = 'session.slowed_down' "
        "AND actor = $1",
        email,
    )
    assert [row[0] for row in rows] == ["slowed@example.com from 203.0.113.9"]


@contextmanager
def nothing_checked() -> Iterator[None]:
    """Passwords wait to be checked, as they do while there are many."""
    goes_on = threading.Event()
    holding = [passwords._checking.submit(goes_on.wait, 60) for _ in range(2)]
    try:
        yield
    finally:
        goes_on.set()
        for each in holding:
            each.result()


def test_of_too_many_attempts_at_once_the_last_are_turned_away_and_admins_do_not_wait(
    from_everywhere: httpx.Client, people_database: str, victim: str
) -> None:
    many = AT_ONCE + 5
    with ThreadPoolExecutor(many) as pool:
        with nothing_checked():
            sent = [
                pool.submit(attempt, from_everywhere, f"crowd{number}@example.com", network=f"203.0.113.{number}")
                for number in range(many)
            ]
            turned_away = [done.result() for done in islice(as_completed(sent, 30), many - AT_ONCE)]
            set_password(from_everywhere, victim)
        heard = [done.result() for done in sent if done.result() not in turned_away]
    assert [(answer.status_code, answer.headers["retry-after"]) for answer in turned_away] == [(429, "2")] * 5
    assert [answer.status_code for answer in heard] == [401] * AT_ONCE


def set_password(client: httpx.Client, email: str) -> None:
    answer = client.patch(
        f"/api/access/users/{email}",
        json={"password": PASSWORD},
        headers={"authorization": f"Bearer {ADMIN_TOKEN}"},
    )
    assert answer.status_code == 200, answer.text
