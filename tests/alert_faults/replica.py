"""`python -m tests.alert_faults.replica DSN HASTE`: engine and senders of one replica, until standard input ends.

HASTE divides how long leases and claims last, so that a short trial meets as many take-overs as a long one.
"""

import asyncio
import sys

from opentelemetry.metrics import NoOpMeter

from alerting.delivery import delivering, outbox, senders
from alerting.delivery.channels import Environment
from alerting.engine import engine, leadership, turns
from alerting.links import Links
from alerting.measuring.sources import open_sources
from database.pool import connect_pool


def hasten(by: float) -> None:
    leadership.LASTS /= by
    leadership.RENEWED_EVERY_SECONDS /= by
    leadership.RENEWAL_SECONDS /= by
    engine.LOOKS_EVERY_SECONDS /= by
    engine.IDLE_TIMEOUT_MS = round(engine.IDLE_TIMEOUT_MS / by)
    turns.AT_ONCE /= by
    delivering.CLAIM_LASTS = outbox.CLAIM_LASTS = outbox.CLAIM_LASTS / by


async def main(dsn: str) -> None:
    meter = NoOpMeter("replica")
    pool = await connect_pool(dsn, min_size=0, max_size=4, statement_timeout_ms=10_000)
    sending = await senders.start(pool, Environment(), meter)
    async with open_sources(dsn, None) as sources:
        evaluation = await engine.start(dsn, sources=sources, links=Links(), meter=meter, retention_days=30)
        await asyncio.to_thread(sys.stdin.read)
        await evaluation.stop()
    await sending.stop()
    pool.terminate()


if __name__ == "__main__":
    hasten(float(sys.argv[2]))
    asyncio.run(main(sys.argv[1]))
