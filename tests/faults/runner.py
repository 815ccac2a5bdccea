"""Runs scenarios: load, fault, end of the fault, count."""

from dataclasses import dataclass, field
from random import Random

from tests.faults.items import Stream
from tests.faults.load import Load
from tests.faults.scenario import Scenario, Trial
from tests.faults.sender import Counts
from tests.faults.stage import Stage
from tests.faults.verdict import Verdict, settle

BEFORE_SECONDS = 30.0
AFTER_SECONDS = 60.0


@dataclass(frozen=True)
class Outcome:
    """Of one trial. failure: why it did not come to its end, else empty."""

    scenario: str
    note: str = ""
    failure: str = ""
    counts: dict[Stream, Counts] = field(default_factory=lambda: {stream: Counts() for stream in Stream})
    verdict: Verdict = field(default_factory=Verdict)

    @property
    def passed(self) -> bool:
        """Nothing missing, nothing doubled, and nothing refused for good."""
        return not self.failure and self.verdict.clean and not any(each.dropped for each in self.counts.values())


async def run(
    scenario: Scenario, stage: Stage, *, seconds: float, rate: float, items: int, seed: int, settle_seconds: float
) -> Outcome:
    """One trial on a stage that runs. Its senders' numbers are taken from the stage, which MAY serve more trials."""
    rng = Random(f"{seed} {scenario.name}")
    load = Load(
        stage.directory,
        stage.first_sender,
        grpc_port=stage.process.otlp_grpc_port,
        http_port=stage.process.otlp_http_port,
        rate=rate,
        items=items,
    )
    note = failure = ""
    try:
        await load.add()
        await load.until_acknowledged(BEFORE_SECONDS)
        note = await scenario.fault(Trial(stage, load, seconds, rng))
        await load.until_acknowledged(AFTER_SECONDS)
        await load.stop()
    except Exception as error:  # noqa: BLE001 - what breaks one scenario must not hide the others, nor its own count
        failure = f"{type(error).__name__}: {error}"
    finally:
        await load.kill()
        stage.first_sender = load.numbers.stop
    try:
        verdict = await settle(stage.dsn, stage.spool_directory, load, settle_seconds)
    except Exception as error:  # noqa: BLE001 - as above
        return Outcome(scenario.name, note, failure or f"not counted: {error}", load.counts())
    return Outcome(scenario.name, note, failure, load.counts(), verdict)
