"""Temporary directories that another system user can enter."""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def reachable_directory() -> Iterator[Path]:
    """A temporary directory outside pytest's private ones, which root's PostgreSQL user cannot enter."""
    directory = Path(tempfile.mkdtemp(prefix="otelgres-test-"))
    directory.chmod(0o755)
    try:
        yield directory
    finally:
        shutil.rmtree(directory)
