"""The replicas as processes."""

import signal
import subprocess
import sys
from types import TracebackType
from typing import IO, Self

STOP_SECONDS = 30


class Replica:
    """One process at a time; it ends with whoever made it."""

    def __init__(self, dsn: str, haste: float, output: IO[bytes]) -> None:
        self._command = [sys.executable, "-m", "tests.alert_faults.replica", dsn, str(haste)]
        self._output = output
        self._process = self._begin()

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        """As a machine that fails, and another that takes its place."""
        self._process.kill()
        self._process.communicate()
        self._process = self._begin()

    def stop(self) -> None:
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.go_on()
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            raise

    def _begin(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=self._output, stderr=self._output)
