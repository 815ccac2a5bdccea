"""A PostgreSQL to break: stopped, killed, held."""

import asyncio
import os
import shlex
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import psutil

from server.embedded import EmbeddedPostgres
from server.embedded.account import account_for
from server.embedded.cluster import DATABASE, OWNER, directory_in
from server.embedded.leftovers import pid_in_lock_file
from server.embedded.lifecycle import DEFAULT_PORT

END_SECONDS = 60.0


class ServedPostgres:
    """The embedded one of an `otelgres serve`, which starts it again when it ends."""

    def __init__(self, data_dir: Path) -> None:
        self._cluster = directory_in(data_dir)
        self.dsn = EmbeddedPostgres(data_dir).dsn

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Bare streams to the server, for a proxy."""
        return await asyncio.open_unix_connection(self._socket)

    @property
    def _socket(self) -> Path:
        return Path(dict(parse_qsl(urlsplit(self.dsn).query))["host"]) / f".s.PGSQL.{DEFAULT_PORT}"

    @staticmethod
    def dsn_by(port: int) -> str:
        """The database by way of a proxy on 127.0.0.1."""
        return f"postgresql://{OWNER}@127.0.0.1:{port}/{DATABASE}"

    def kill(self) -> None:
        """SIGKILL to the postmaster; its keeper starts it again."""
        postmaster = self._postmaster()
        if postmaster is not None:
            with suppress(psutil.NoSuchProcess):
                postmaster.kill()

    @contextmanager
    def held(self) -> Iterator[None]:
        """SIGSTOP to the postmaster and all backends; SIGCONT at the end."""
        postmaster = self._postmaster()
        stopped: list[psutil.Process] = []
        try:
            if postmaster is not None:
                for process in (postmaster, *postmaster.children(recursive=True)):
                    with suppress(psutil.NoSuchProcess):
                        process.suspend()
                        stopped.append(process)
            yield
        finally:
            for process in reversed(stopped):
                with suppress(psutil.NoSuchProcess):
                    process.resume()

    def limit_file_size(self, most: int | None) -> None:
        """Writes beyond `most` bytes of a file fail from now on, in all processes; None lifts it."""
        postmaster = self._postmaster()
        if postmaster is not None:
            # As its own user: root may lack the right to limit processes of others.
            account = account_for(self._cluster)
            soft = "unlimited" if most is None else str(most)
            for process in (postmaster, *postmaster.children(recursive=True)):
                account.run(["prlimit", f"--fsize={soft}:", "--pid", str(process.pid)])

    def _postmaster(self) -> psutil.Process | None:
        pid = pid_in_lock_file(self._cluster)
        with suppress(psutil.NoSuchProcess):
            return psutil.Process(pid) if pid else None
        return None


class OwnPostgres(ServedPostgres):
    """One of the harness's own, which can stay away as well."""

    def __init__(self, data_dir: Path) -> None:
        super().__init__(data_dir)
        self._embedded = EmbeddedPostgres(data_dir)
        self._foreign: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self._embedded.start()

    def stop(self) -> None:
        """Ends it in order, whichever way it was started."""
        process, self._foreign = self._foreign, None
        if process is not None:
            process.send_signal(signal.SIGINT)
            process.wait(END_SECONDS)
        self._embedded.stop()

    def kill(self) -> None:
        """SIGKILL to the postmaster, and a new start with its crash recovery."""
        super().kill()
        self._embedded.wait()
        self._embedded.start()

    def start_with(self, environment: Mapping[str, str]) -> None:
        """Starts it with more in its environment. MUST have been started and stopped before."""
        cluster = directory_in(self._embedded.data_dir)
        command = shlex.split((cluster / "postmaster.opts").read_text())
        options = account_for(cluster).process_options()
        options["env"] |= environment
        sockets = self._socket.parent
        sockets.mkdir(mode=0o700, exist_ok=True)
        os.chown(sockets, cluster.stat().st_uid, cluster.stat().st_gid)
        with (self._embedded.data_dir / "startup.log").open("wb") as log:
            self._foreign = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, **options)
