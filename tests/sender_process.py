"""Senders in a process of their own, to be killed: `python -m tests.sender_process DSN`."""

import asyncio
import sys

from opentelemetry.metrics import NoOpMeter

from alerting.delivery import Environment, Senders
from alerting.delivery.messenger import Messenger
from database.pool import connect_pool
from tests.alert_notices import NOW

ATTEMPT_SECONDS = 600.0


async def main(dsn: str) -> None:
    pool = await connect_pool(dsn, min_size=0, max_size=4, statement_timeout_ms=10_000)
    await Senders(pool, Environment(), NoOpMeter("tests"), lambda: NOW, Messenger(ATTEMPT_SECONDS)).run()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1]))
