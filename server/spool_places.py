"""Where spools are. The supervisor reads this, and so it knows nothing of receivers, whose import costs its start."""

import logging
from hashlib import sha256
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from server.settings import Settings

EMBEDDED_VARIABLE = "OTELGRES_EMBEDDED_DIR"
"""Where the database's own disk is, for a receiver whose database is the embedded one."""
_log = logging.getLogger(__name__)


def spool_directory(settings: Settings, dsn: str, embedded: bool) -> Path:
    """A directory for each database, unless a setting names one: what is spooled for one must not get into another."""
    if settings.spool_dir is not None:
        return settings.spool_dir
    directory = settings.data_dir / "spool"
    if embedded:
        return directory
    url = urlsplit(dsn)
    query = parse_qs(url.query)
    target = (url.netloc.rpartition("@")[2], url.path, query.get("host"), query.get("port"))
    return directory / sha256(repr(target).encode()).hexdigest()[:12]


def other_spools(settings: Settings, dsn: str) -> list[Path]:
    """Spools of other databases: a DSN that names its hosts differently is another one, and what was spooled under the
    old one stays where it is."""
    own = spool_directory(settings, dsn, embedded=settings.dsn is None)
    return sorted({file.parent for file in (settings.data_dir / "spool").glob("*/*.sqlite")} - {own})


def warn_of_others(settings: Settings, dsn: str) -> None:
    """One line for each spool of another database."""
    for directory in other_spools(settings, dsn):
        _log.warning(
            "%s holds requests for another OTELGRES_DSN; if that was this database, start once with OTELGRES_SPOOL_DIR "
            "set to it",
            directory,
        )
