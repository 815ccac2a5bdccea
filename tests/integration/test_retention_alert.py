"""The rule about retention that comes with the examples fires when there is reason to."""

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from alerting.measuring import sql_login
from server.alert_files import apply_file
from server.settings import Settings
from tests.conftest import copied, run
from tests.polling import until
from tests.served_api import served_api, sql

EXAMPLE = Path(__file__).parents[2] / "examples" / "alerts.yaml"
RUN = "INSERT INTO enterprise.maintenance_runs (job, last_started_at, last_succeeded_at, report) "


@pytest.fixture(scope="module")
def database(postgres_dsn: str, template_database: str) -> Iterator[str]:
    yield from copied(postgres_dsn, template_database)


@pytest.fixture(scope="module")
def api(database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """It evaluates the example's rule about retention every second; the job itself leads nowhere."""
    text = EXAMPLE.read_text()
    file = tmp_path_factory.mktemp("alerts") / "alerts.yaml"
    rule = text[text.index("  - name: Retention") :].replace(
        "\n    severity:", "\n    evaluation_interval_seconds: 10\n    severity:"
    )
    file.write_text(f"rules:\n{rule}")
    login = run(sql_login.set_up(database))
    apply_file(Settings(dsn=SecretStr(database)), file)
    sql(database, "INSERT INTO enterprise.leases VALUES ('maintenance', 'nobody', 1, now() + interval '1 hour')")
    with served_api(database, Settings(alert_sql_dsn=SecretStr(login))) as client:
        yield client


def problems(api: httpx.Client) -> set[str]:
    found = api.get("/api/observability/alerts/instances", params={"active": True}).json()["instances"]
    return {instance["labels"]["problem"] for instance in found}


@pytest.mark.parametrize(
    ("run_of", "problem"),
    [
        ("VALUES ('retention', now(), now(), '{\"late_since\": \"2020-01-01T00:00:00Z\"}')", "late"),
        ("VALUES ('retention', now(), now(), '{\"over_bytes\": 1}')", "over its size"),
        ("VALUES ('retention', now(), now() - interval '2 h', '{}')", "failing"),
    ],
)
def test_it_fires_and_is_over_with_the_next_good_run(
    api: httpx.Client, database: str, run_of: str, problem: str
) -> None:
    sql(database, "DELETE FROM enterprise.maintenance_runs")
    sql(database, RUN + run_of)
    until(lambda: problems(api) == {problem}, seconds=60)
    sql(
        database,
        "UPDATE enterprise.maintenance_runs SET last_succeeded_at = now(), report = '{}' WHERE job = 'retention'",
    )
    until(lambda: problems(api) == set(), seconds=60)
