"""Where a trial takes place: a PostgreSQL and an `otelgres serve`, both of which may be broken."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path

import psutil

from tests.faults.postgres import OwnPostgres, ServedPostgres
from tests.otelgres_process import OtelgresProcess, own_ports

WORKERS = 2


class Stage:
    """`otelgres serve` on ports that stay the same over restarts.

    With `own` PostgreSQL is the harness's, so that it can stay away; else it is the embedded one of the server.
    """

    def __init__(self, directory: Path, *, own: bool, **settings: str) -> None:
        directory.mkdir(exist_ok=True)
        data_dir = directory / "otelgres"
        self.directory = directory
        self.spool_directory = data_dir / "spool"
        self.postgres: ServedPostgres = OwnPostgres(directory / "own") if own else ServedPostgres(data_dir)
        self.first_sender = 1
        self.output = ""
        self._settings = own_ports() | {
            "OTELGRES_DATA_DIR": str(data_dir),
            # The same one when the database is reached another way.
            "OTELGRES_SPOOL_DIR": str(self.spool_directory),
            "OTELGRES_WORKERS": str(WORKERS),
            **({"OTELGRES_DSN": self.postgres.dsn} if own else {}),
            **settings,
        }
        self._process: OtelgresProcess | None = None

    @property
    def dsn(self) -> str:
        """The database, straight."""
        return self.postgres.dsn

    @property
    def own_postgres(self) -> OwnPostgres:
        if not isinstance(self.postgres, OwnPostgres):
            raise TypeError("this stage's PostgreSQL belongs to the server")
        return self.postgres

    @property
    def process(self) -> OtelgresProcess:
        if self._process is None:
            raise RuntimeError("the server does not run")
        return self._process

    def start(self, **settings: str) -> None:
        """Starts the server with these settings on top; returns when it is ready."""
        self._process = OtelgresProcess(self._settings | settings)

    def stop(self, number: int = signal.SIGTERM) -> None:
        """Ends the server by a signal and waits for its end."""
        process, self._process = self._process, None
        if process is not None:
            try:
                process.stop(number)
            finally:
                self.output += process.output()
                process.close()

    def restart(self, **settings: str) -> None:
        """SIGTERM, then a new start with these settings on top."""
        self.stop()
        self.start(**settings)

    @asynccontextmanager
    async def restarted(self, **settings: str) -> AsyncIterator[None]:
        """With these settings on top, and again without them at the end."""
        await asyncio.to_thread(self.restart, **settings)
        try:
            yield
        finally:
            await asyncio.to_thread(self.restart)

    def kill_all(self) -> None:
        """SIGKILL to the server, all its children and an embedded PostgreSQL at once, as a power cut would."""
        supervisor = psutil.Process(self.process.pid)
        victims = [supervisor, *supervisor.children(recursive=True)]
        for victim in victims:
            with suppress(psutil.NoSuchProcess):
                victim.kill()
        psutil.wait_procs(victims)
        self.stop()

    def receivers(self) -> list[psutil.Process]:
        return self._children("server.worker")

    def api(self) -> list[psutil.Process]:
        return self._children("server.api")

    def signal(self, number: int) -> None:
        """To the supervisor."""
        os.kill(self.process.pid, number)

    def log(self) -> str:
        """What the server has written, over all its runs."""
        return self.output + (self._process.output() if self._process is not None else "")

    def _children(self, module: str) -> list[psutil.Process]:
        found = []
        for child in psutil.Process(self.process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess):
                if module in child.cmdline():
                    found.append(child)
        return found


@contextmanager
def running(stage: Stage) -> Iterator[Stage]:
    """The stage with everything started; all stopped at the end."""
    if isinstance(stage.postgres, OwnPostgres):
        stage.postgres.start()
    try:
        stage.start()
        yield stage
    finally:
        try:
            stage.stop()
        finally:
            if isinstance(stage.postgres, OwnPostgres):
                stage.postgres.stop()
