"""The exporter knows the migrations that it was built beside."""

from pathlib import Path

from opentelemetry.exporter.postgres import schema_version

import migrations


def test_the_newest_migration_is_known() -> None:
    """A new migration: raise NEWEST, and OLDEST too if the writer needs it."""
    newest = max(int(file.name[:3]) for file in Path(migrations.__file__).parent.glob("[0-9]*.sql"))
    assert newest == schema_version.NEWEST
