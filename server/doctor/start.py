"""What would keep `otelgres serve` from starting here."""

import importlib.metadata
from collections.abc import Callable
from functools import partial

from server.access import check_exposure
from server.alert_files import check_file
from server.attribute_rules import rules_of
from server.doctor.finding import Finding, note, ok, problem
from server.embedded.cluster import directory_in
from server.embedded.programs import DISTRIBUTION
from server.errors import OtelgresError
from server.settings import Settings


def settings_fit(settings: Settings) -> list[Finding]:
    findings = _tried("nothing in the settings is unsafe", partial(check_exposure, settings))
    if settings.attribute_rules is not None:
        findings += _tried("the attribute rules can be used", partial(rules_of, settings))
    if settings.alert_file is not None:
        findings += _tried("the file of alerts can be applied", partial(check_file, settings.alert_file))
    return findings


def embedded_data(settings: Settings) -> list[Finding]:
    if settings.dsn is not None:
        return []
    cluster = directory_in(settings.data_dir)
    try:
        if not cluster.is_dir():
            return [note(f"{settings.data_dir} holds no database yet", "start `otelgres serve`, which makes one")]
        found = (cluster / "PG_VERSION").read_text().strip()
    except PermissionError:
        return []
    except OSError as error:
        return [problem(f"{cluster} holds no PostgreSQL data: {error.strerror}", "restore it: docs/backup.md")]
    brought = importlib.metadata.version(DISTRIBUTION).partition(".")[0]
    if found != brought:
        return [
            problem(
                f"{cluster} was written by PostgreSQL {found}, and this Otelgres brings {brought}",
                f"carry the data over with pg_dump and pg_restore, or name a PostgreSQL {found} in OTELGRES_DSN",
            )
        ]
    return [ok(f"{cluster} is of PostgreSQL {found}, as this Otelgres brings")]


def _tried(fine: str, attempt: Callable[[], object]) -> list[Finding]:
    try:
        attempt()
    except OtelgresError as error:
        return [problem(str(error), "correct that setting; `otelgres serve` refuses to start, or to apply it")]
    return [ok(fine)]
