"""The database under questions: an embedded PostgreSQL that can be made cold, or a database of its own elsewhere."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from benchmarks.ingest import stage
from server.embedded import EmbeddedPostgres


class Place:
    """A database by its DSN."""

    def __init__(self, dsn: str, postgres: EmbeddedPostgres | None = None) -> None:
        self.dsn = dsn
        self._postgres = postgres

    @property
    def can_cool(self) -> bool:
        """Only where the server is ours."""
        return self._postgres is not None

    async def cool(self) -> None:
        """Start the server anew, with nothing of its data in memory."""
        assert self._postgres is not None
        await asyncio.to_thread(self._postgres.stop)
        await asyncio.to_thread(_forget, self._postgres.data_dir)
        await asyncio.to_thread(self._postgres.start)


@asynccontextmanager
async def place(dsn: str | None) -> AsyncIterator[Place]:
    """Taken away at the end. Nothing that was in the server of `dsn` is touched."""
    if dsn is not None:
        async with stage.own_database(dsn) as own:
            yield Place(own)
        return
    with tempfile.TemporaryDirectory(prefix="otelgres-bench-") as directory:
        # Root's PostgreSQL runs as a system user, who must be able to enter.
        os.chmod(directory, 0o755)
        postgres = EmbeddedPostgres(Path(directory) / "data")
        try:
            yield Place(await asyncio.to_thread(postgres.start), postgres)
        finally:
            await asyncio.to_thread(postgres.stop)


def _forget(directory: Path) -> None:
    for path in directory.rglob("*"):
        if path.is_file():
            file = os.open(path, os.O_RDONLY)
            try:
                os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
            finally:
                os.close(file)
