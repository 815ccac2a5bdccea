"""GET /logs/{log_id}/context: what the same program logged right before and after."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import httpx
import pytest

from query_api.models import LogContext
from tests.conftest import copied
from tests.served_api import sql

LOGS = "/api/observability/logs"
NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


def add(
    dsn: str, message: str, moment: object, service: str | None, resource: int | None, id_: UUID | None = None
) -> UUID:
    made: UUID = sql(
        dsn,
        "INSERT INTO enterprise.structured_logs (id, timestamp, level, logger_name, message, service_name, "
        f"resource_id) VALUES ($1, '{moment}', 'INFO', 'a', $2, $3, $4) RETURNING id",
        id_ or uuid4(),
        message,
        service,
        resource,
    )[0][0]
    return made


def context(api: httpx.Client, log_id: UUID, **parameters: int) -> tuple[list[str], list[str]]:
    answer = api.get(f"{LOGS}/{log_id}/context", params=parameters)
    assert answer.status_code == 200, answer.text
    LogContext.model_validate_json(answer.text)
    body = answer.json()
    assert list(body) == ["before", "after"]
    return [log["message"] for log in body["before"]], [log["message"] for log in body["after"]]


def test_the_lines_around_are_those_of_the_same_instance_in_order(api: httpx.Client, database: str) -> None:
    made = {}
    for number in range(9):
        for service, resource in (("shop", 1), ("shop", 2), ("cart", 1), (None, None)):
            moment = NOW + timedelta(seconds=number)
            made[service, resource, number] = add(database, f"{resource}{number}", moment, service, resource)
    assert context(api, made["shop", 2, 4]) == (["20", "21", "22", "23"], ["25", "26", "27", "28"])
    assert context(api, made["shop", 1, 4], before=2, after=1) == (["12", "13"], ["15"])
    assert context(api, made[None, None, 1]) == (["None0"], [f"None{number}" for number in range(2, 9)])
    assert context(api, made["shop", 1, 0], before=0, after=0) == ([], [])


def test_lines_of_one_moment_stand_by_their_ids(api: httpx.Client, database: str) -> None:
    ids = [UUID(int=number) for number in range(1, 6)]
    for number in (3, 0, 4, 1, 2):
        add(database, str(number), NOW, "shop", 1, ids[number])
    assert context(api, ids[2]) == (["0", "1"], ["3", "4"])


def test_lines_of_another_day_are_left_out(api: httpx.Client, database: str) -> None:
    add(database, "long ago", NOW - timedelta(hours=25), "shop", 1)
    add(database, "yesterday", NOW - timedelta(hours=23), "shop", 1)
    log_id = add(database, "this", NOW, "shop", 1)
    add(database, "in days", NOW + timedelta(hours=25), "shop", 1)
    assert context(api, log_id) == (["yesterday"], [])


@pytest.mark.parametrize("moment", ["infinity", "12026-01-01Z", "-infinity"])
def test_a_log_of_an_odd_time_has_a_context(api: httpx.Client, database: str, moment: str) -> None:
    log_id = add(database, "odd", moment, "shop", 1)
    assert context(api, log_id) == ([], [])


def test_an_unknown_log_is_404_and_a_bad_parameter_422(api: httpx.Client) -> None:
    answer = api.get(f"{LOGS}/{uuid4()}/context")
    assert (answer.status_code, answer.json()) == (404, {"detail": "Log not found"})
    for path in ("nope/context", f"{uuid4()}/context?before=101", f"{uuid4()}/context?after=-1"):
        assert api.get(f"{LOGS}/{path}").status_code == 422
