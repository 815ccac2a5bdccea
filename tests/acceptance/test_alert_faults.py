"""Two replicas of the alert engine, one killed or stopped a dozen times: no decision is missed, none doubled."""

from pathlib import Path

from tests.alert_faults.trial import trial

SEED = 20261123


async def test_replicas_that_fail_miss_nothing_and_double_nothing(database: str, tmp_path: Path) -> None:
    log = tmp_path / "replicas.log"
    verdict = await trial(database, SEED, rounds=12, haste=5, log=log)
    assert verdict.mistakes == [], log.read_text()
    assert verdict.kills
    assert verdict.stops
    assert verdict.epochs > 1
    assert verdict.deliveries
