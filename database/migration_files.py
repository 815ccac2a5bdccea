"""The migrations this version knows: migrations/NNN_name.sql, each with its way back."""

import hashlib
import re
from dataclasses import dataclass
from importlib import resources

_FILE = re.compile(r"(?P<version>\d{3})_(?P<name>\w+)\.sql")


@dataclass(frozen=True)
class Migration:
    """One step: `up` MUST be harmless when run again, and holds its own BEGIN and COMMIT, as `down` does."""

    version: int
    name: str
    up: str
    down: str

    @property
    def checksum(self) -> str:
        return hashlib.sha256(self.up.encode()).hexdigest()

    def __str__(self) -> str:
        return f"{self.version:03}_{self.name}"


def known() -> list[Migration]:
    """All migrations of the package `migrations`, in order."""
    folder = resources.files("migrations")
    found = []
    for entry in folder.iterdir():
        match = _FILE.fullmatch(entry.name)
        if match:
            stem = entry.name.removesuffix(".sql")
            found.append(
                Migration(
                    version=int(match["version"]),
                    name=match["name"],
                    up=entry.read_text(encoding="utf-8"),
                    down=(folder / f"{stem}.down.sql").read_text(encoding="utf-8"),
                )
            )
    return sorted(found, key=lambda migration: migration.version)
