"""The fault matrix in short forms: under every fault, what was acknowledged is stored once."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

import pytest

from tests import rows
from tests.faults import report
from tests.faults.catalogue import SCENARIOS
from tests.faults.items import MOST_ITEMS, Stream
from tests.faults.places import at
from tests.faults.runner import run
from tests.faults.scenario import Place, Scenario
from tests.faults.stage import Stage
from tests.faults.verdict import Tally, verdict

RATE = 1000
ITEMS = 10
SEED = 1
SETTLE_SECONDS = 30.0


INSERT = "INSERT INTO enterprise.structured_logs (level, logger_name, message, extra) VALUES ('INFO', '', '', $1)"
SHORT = [scenario for scenario in SCENARIOS if scenario.short_seconds is not None]


@pytest.fixture(scope="module")
def own_stage() -> Iterator[Stage]:
    with at(Place.SMALL_SPOOL_DISK) as stage:
        yield stage


@pytest.fixture(scope="module")
def embedded_stage() -> Iterator[Stage]:
    with at(Place.SMALL_DISK) as stage:
        yield stage


@pytest.mark.parametrize("scenario", SHORT, ids=lambda scenario: scenario.name.replace(" ", "-"))
async def test_what_was_acknowledged_is_stored_once(scenario: Scenario, request: pytest.FixtureRequest) -> None:
    embedded = scenario.place in (Place.EMBEDDED, Place.SMALL_DISK)
    stage: Stage = request.getfixturevalue("embedded_stage" if embedded else "own_stage")
    assert scenario.short_seconds is not None
    outcome = await run(
        scenario,
        stage,
        seconds=scenario.short_seconds,
        rate=RATE,
        items=ITEMS,
        seed=SEED,
        settle_seconds=SETTLE_SECONDS,
    )
    tallies = {stream.name: asdict(tally) for stream, tally in outcome.verdict.tallies.items()}
    assert outcome.passed, f"{report.remark(outcome)}\n{tallies}\n{stage.log()[-4000:]}"
    assert min(tally["acknowledged"] for tally in tallies.values()) > 0


async def test_the_count_sees_what_is_missing_and_doubled(database: str, tmp_path: Path) -> None:
    """Of three acknowledged requests one is stored, one is twice there, and of one an item is not."""
    requests = [Stream.LOGS_HTTP.first_request(1) + place for place in range(3)]
    items = [requests[0] * MOST_ITEMS, requests[0] * MOST_ITEMS + 1]
    items += 2 * [requests[1] * MOST_ITEMS, requests[1] * MOST_ITEMS + 1] + [requests[2] * MOST_ITEMS]
    for item in items:
        await rows.fetch(database, INSERT, {"faults.item": str(item)})
    spool = tmp_path / "1.sqlite"
    with closing(sqlite3.connect(spool)) as connection:
        connection.execute("CREATE TABLE requests (id)")
    doubled = await verdict(database, tmp_path, range(1, 2), {requests[0]: 2})
    assert doubled.tallies[Stream.LOGS_HTTP] == Tally(acknowledged=2, stored=5, missing=0, doubled=2)
    with closing(sqlite3.connect(spool, isolation_level=None)) as connection:
        connection.execute("INSERT INTO requests VALUES (1)")
    found = await verdict(database, tmp_path, range(1, 2), dict.fromkeys(requests, 2))
    assert found.tallies[Stream.LOGS_HTTP] == Tally(acknowledged=6, stored=5, missing=1, doubled=2)
    assert found.tallies[Stream.TRACES_GRPC] == Tally()
    assert (found.waiting, found.clean) == (1, False)
