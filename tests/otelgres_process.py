"""A real `otelgres serve` as a child process."""

import contextlib
import itertools
import os
import random
import select
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO

from server.embedded import EmbeddedPostgres
from tests.prepared_database import ENVIRONMENT

START_SECONDS = 60.0
STOP_SECONDS = 60.0
PORT_VARIABLES = ("OTELGRES_PORT", "OTELGRES_OTLP_GRPC_PORT", "OTELGRES_OTLP_HTTP_PORT")
FIRST_PORT, PORTS_A_WORKER, MOST_WORKERS = 12_000, 1_250, 16
RECEIVERS = ("--role", "receiver")
"""Arguments that leave out the API and the jobs: for tests of what comes in, whose start costs half as much."""
OTELGRES = (sys.executable, "-m", "server.cli")


class OtelgresProcess:
    """`otelgres serve` on free ports of 127.0.0.1; the constructor returns once every part is ready.

    It ends with the process that made it. `environment` comes on top of ours without its OTELGRES_*.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        *,
        arguments: Sequence[str] = (),
    ) -> None:
        self._spool = tempfile.TemporaryDirectory(prefix="spool-")
        ours = ENVIRONMENT | {"OTELGRES_WORKERS": "1", "OTELGRES_SPOOL_DIR": self._spool.name}
        self.environment = plain_environment() | own_ports() | ours | dict(environment)
        self.port, self.otlp_grpc_port, self.otlp_http_port = (
            int(self.environment[variable]) for variable in PORT_VARIABLES
        )
        self._output: IO[str] = tempfile.TemporaryFile("w+")  # noqa: SIM115
        ready, announce = os.pipe()
        life, self._our_life = os.pipe()
        self.process = subprocess.Popen(
            [*OTELGRES, "serve", *arguments],
            env=self.environment | {"OTELGRES_READY_FD": str(announce), "OTELGRES_PARENT_FD": str(life)},
            pass_fds=(announce, life),
            stdin=subprocess.DEVNULL,
            stdout=self._output,
            stderr=self._output,
        )
        os.close(announce)
        os.close(life)
        try:
            self._await_ready(ready)
        except BaseException:
            self.close()
            raise
        finally:
            os.close(ready)

    @property
    def dsn(self) -> str:
        """The database it uses: the given one, else the embedded one of its OTELGRES_DATA_DIR."""
        given = self.environment.get("OTELGRES_DSN")
        return given or EmbeddedPostgres(Path(self.environment["OTELGRES_DATA_DIR"])).dsn

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def url(self) -> str:
        """Where the API and the pages are, without a trailing slash."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def otlp_http_url(self) -> str:
        """OTLP over HTTP, without a trailing slash."""
        return f"http://127.0.0.1:{self.otlp_http_port}"

    @property
    def otlp_grpc_target(self) -> str:
        """host:port of OTLP over gRPC."""
        return f"127.0.0.1:{self.otlp_grpc_port}"

    def output(self) -> str:
        """What it and its children have written so far."""
        self._output.flush()
        self._output.seek(0)
        return self._output.read()

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal, unless it has ended, and return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        try:
            return self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        finally:
            with contextlib.suppress(OSError):
                os.close(self._our_life)

    def close(self) -> None:
        """Stop it and forget its output and its own spool."""
        self.stop()
        self._output.close()
        self._spool.cleanup()

    def _await_ready(self, pipe: int) -> None:
        readable, _, _ = select.select([pipe], [], [], START_SECONDS)
        if not readable or os.read(pipe, 64) != b"ready\n":
            raise AssertionError(f"otelgres serve did not become ready:\n{self.output()}")


def plain_environment() -> dict[str, str]:
    """Our environment without any setting of Otelgres."""
    return {name: value for name, value in os.environ.items() if not name.upper().startswith("OTELGRES_")}


def own_ports() -> dict[str, str]:
    """The three settings of ports, on free ones."""
    return dict(zip(PORT_VARIABLES, map(str, free_ports(3)), strict=True))


def free_ports(count: int) -> list[int]:
    """Distinct ports of 127.0.0.1 that nobody listens on, and that nobody else is given meanwhile.

    Each process of a test run has a range of its own, below those that the system gives to connections.
    """
    with contextlib.ExitStack() as stack:
        ports: list[int] = []
        while len(ports) < count:
            port = next(_OWN_PORTS)
            with contextlib.suppress(OSError):
                stack.enter_context(socket.socket()).bind(("127.0.0.1", port))
                ports.append(port)
        return ports


def _own_ports() -> Iterator[int]:
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = FIRST_PORT + worker % MOST_WORKERS * PORTS_A_WORKER
    # In an order of its own, for other runs on this machine.
    return itertools.cycle(random.sample(range(first, first + PORTS_A_WORKER), PORTS_A_WORKER))


_OWN_PORTS = _own_ports()
