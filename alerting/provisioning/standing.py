"""Applying the file of the settings when a server starts, and how that went."""

import asyncio
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from pathlib import Path
from typing import Any

import asyncpg

from alerting.links import Links
from alerting.provisioning.applying import apply
from alerting.provisioning.reading import BadFile, read_file

RETRY_SECONDS = 5.0
_log = logging.getLogger(__name__)
_AWAY = (OSError, asyncio.TimeoutError, asyncpg.InterfaceError, asyncpg.PostgresConnectionError)


class State(Enum):
    NONE = "none"
    WAITING = "waiting"
    APPLIED = "applied"
    REFUSED = "refused"


@dataclass(frozen=True)
class Provisioning:
    """How it went. file: None where the settings name none. at: when it was applied or refused."""

    file: str | None = None
    state: State = State.NONE
    at: datetime | None = None
    mistakes: tuple[str, ...] = ()
    counts: dict[str, int] | None = None


class Provisioner:
    """Applies one file, once, as soon as the database is there. What is wrong is logged and kept to be read."""

    def __init__(self, pool: Any, path: Path | None, links: Links) -> None:
        self._pool = pool
        self._path = path
        self._links = links
        self._task: asyncio.Task[None] | None = None
        self.provisioning = Provisioning(path.name, State.WAITING) if path else Provisioning()

    def start(self) -> None:
        if self._path is not None:
            self._task = asyncio.create_task(self._run(self._path))

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _run(self, path: Path) -> None:
        while True:
            if await self._tried(path):
                return
            await asyncio.sleep(RETRY_SECONDS)

    async def _tried(self, path: Path) -> bool:
        """False: the database is away."""
        now = datetime.now(UTC)
        try:
            source = read_file(path, now)
            async with self._pool.acquire() as connection:
                outcome = await apply(connection, source, now, self._links)
        except BadFile as error:
            self._refused(path, now, error.mistakes)
        except _AWAY as error:
            _log.warning("the file of alerts waits for the database: %s", error)
            return False
        except Exception as error:  # noqa: BLE001 whatever it is, people have to hear of it
            _log.exception("the file of alerts %s was not applied", path)
            self._refused(path, now, (f"{path.name}: {type(error).__name__}: {error}",))
        else:
            self._keep(State.APPLIED, now, counts=outcome.counts)
            _log.info("the file of alerts %s is applied: %s", path, outcome.counts)
        return True

    def _refused(self, path: Path, now: datetime, mistakes: tuple[str, ...]) -> None:
        self._keep(State.REFUSED, now, mistakes=mistakes)
        _log.error("the file of alerts %s is not applied, what was there before goes on:", path)
        for mistake in mistakes:
            _log.error("%s", mistake)

    def _keep(self, state: State, at: datetime, **fields: Any) -> None:
        self.provisioning = replace(self.provisioning, state=state, at=at, **fields)
