"""How the doctor judges what it is told; that it is told so is in tests/integration/test_doctor.py."""

import errno
import socket
import ssl
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import asyncpg
import pytest

from database.migration_status import Status
from database.ranges import DAY, Range
from receiver.spool_glance import Glance
from server.doctor import (
    alerts,
    checks,
    clock,
    configuration,
    connecting,
    disks,
    keys,
    maintenance,
    partitions,
    retention,
    schema,
    spools,
)
from server.doctor.finding import Finding, Rank, note, ok, problem, warning
from server.doctor.looking import Looked
from server.doctor.report import as_text, worst
from server.doctor.wording import names, size, span

NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
PROBLEM, WARNING, NOTE, OK = Rank
SETTINGS = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "autovacuum": "on",
    "track_counts": "on",
    "default_transaction_read_only": "off",
    "server_encoding": "UTF8",
    "shared_buffers": str(128 << 20),
    "max_wal_size": str(1 << 30),
    "wal_level": "replica",
    "transaction_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
    "max_connections": "100",
    "max_locks_per_transaction": "64",
}


def ranks(findings: Sequence[Finding]) -> list[Rank]:
    """What they are; whatever is not ok says what to do, in one line."""
    for finding in findings:
        assert bool(finding.remedy) == (finding.rank is not Rank.OK)
        assert "\n" not in finding.text + finding.remedy
    return [finding.rank for finding in findings]


def refused(state: str) -> asyncpg.PostgresError:
    return asyncpg.PostgresError.new({"C": state, "M": "because", "S": "FATAL"})


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (socket.gaierror(-2, "Name or service not known"), "DNS"),
        (ConnectionRefusedError(errno.ECONNREFUSED, "refused"), "nothing listens there"),
        (OSError("Multiple exceptions: [Errno 111] Connect call failed, [Errno 111] Connect"), "nothing listens there"),
        (FileNotFoundError(errno.ENOENT, "no file"), "no such socket"),
        (PermissionError(errno.EACCES, "denied"), "may not use that socket"),
        (OSError(errno.EHOSTUNREACH, "no route"), "no way leads"),
        (TimeoutError(), "no answer within 5 s"),
        (ssl.SSLCertVerificationError("self-signed certificate"), "TLS fails: "),
        (ConnectionError('PostgreSQL server at "db:5432" rejected SSL upgrade'), "has no TLS"),
        (refused("28P01"), "refuses the password of app"),
        (refused("28000"), "does not let app in: because"),
        (refused("3D000"), "no database shop"),
        (refused("42501"), "app may not use the database shop"),
        (refused("53300"), "all its connections are taken"),
        (refused("57P03"), "starting or stopping"),
        (refused("XX000"), "because"),
        (asyncpg.TargetServerAttributeNotMatched("none"), "no host of the DSN takes writes"),
        (ConnectionResetError(errno.ECONNRESET, "reset by peer"), "reset by peer"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_way_not_to_reach_the_database_is_named_without_the_password(error: Exception, said: str) -> None:
    finding = connecting.judge(error, "postgresql://app:hush@db:5432/shop")
    assert ranks([finding]) == [PROBLEM]
    assert said in finding.text
    assert "db:5432" in finding.text
    assert "hush" not in finding.text + finding.remedy


@pytest.mark.parametrize(
    ("name", "value", "rank"),
    [
        ("fsync", "off", PROBLEM),
        ("full_page_writes", "off", WARNING),
        ("synchronous_commit", "off", WARNING),
        ("synchronous_commit", "local", OK),
        ("autovacuum", "off", PROBLEM),
        ("track_counts", "off", PROBLEM),
        ("default_transaction_read_only", "on", PROBLEM),
        ("server_encoding", "SQL_ASCII", PROBLEM),
        ("shared_buffers", str(64 << 20), NOTE),
        ("max_wal_size", str(512 << 20), NOTE),
        ("wal_level", "minimal", NOTE),
        ("wal_level", "logical", OK),
        ("transaction_timeout", "60000", WARNING),
        ("transaction_timeout", "300000", OK),
        ("idle_in_transaction_session_timeout", "10000", NOTE),
        ("idle_session_timeout", "60000", NOTE),
        ("max_locks_per_transaction", "63", WARNING),
    ],
)
@pytest.mark.parametrize("embedded", [True, False])
def test_each_setting_is_judged_alone(name: str, value: str, rank: Rank, embedded: bool) -> None:
    (finding,) = configuration.judge(SETTINGS | {name: value}, embedded=embedded)
    assert ranks([finding]) == [rank]
    assert rank is OK or name in finding.text + finding.remedy


def test_a_setting_that_this_version_has_not_is_no_finding() -> None:
    older = {name: value for name, value in SETTINGS.items() if name != "transaction_timeout"}
    assert ranks(configuration.judge(older, embedded=False)) == [OK]


@pytest.mark.parametrize(
    ("number", "is_standby", "expected"),
    [(150_000, False, [OK]), (140_009, False, [PROBLEM]), (180_001, True, [OK, PROBLEM])],
)
def test_the_server_must_be_new_enough_and_take_writes(number: int, is_standby: bool, expected: list[Rank]) -> None:
    assert ranks(configuration.judge_server("15.0", number, is_standby)) == expected


@pytest.mark.parametrize(("allowed", "others", "expected"), [(97, 59, OK), (97, 60, WARNING)])
def test_connections_must_suffice_for_us_beside_others(allowed: int, others: int, expected: Rank) -> None:
    assert ranks(configuration.judge_connections(allowed, others, configuration.connections_of(2))) == [expected]


@pytest.mark.parametrize(
    ("archived", "failed", "expected"),
    [(None, None, OK), (NOW, NOW - DAY, OK), (NOW - DAY, NOW, PROBLEM), (None, NOW, PROBLEM)],
)
def test_an_archive_fails_until_it_succeeds(archived: datetime | None, failed: datetime | None, expected: Rank) -> None:
    assert ranks(configuration.judge_archive("on", archived, failed, "00000001")) == [expected]


@pytest.mark.parametrize(
    ("ahead", "uncertain", "expected"),
    [
        (0.3, 0.1, OK),
        (-4.9, 0, OK),
        (6, 2, OK),
        (6, 0, WARNING),
        (-299, 0, WARNING),
        (301, 0, PROBLEM),
        (-301, 0, PROBLEM),
    ],
)
def test_clocks_may_be_seconds_apart(ahead: float, uncertain: float, expected: Rank) -> None:
    finding = clock.judge(ahead, uncertain)
    assert ranks([finding]) == [expected]
    assert expected is OK or ("ahead of" in finding.text) == (ahead > 0)


def status(**more: tuple[object, ...]) -> Status:
    nothing: dict[str, tuple[object, ...]] = dict.fromkeys(
        ("pending", "newer", "drifted", "missing_roles", "foreign_views"), ()
    )
    return Status(**(nothing | more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (status(), [OK]),
        (status(pending=(33,)), [PROBLEM]),
        (status(newer=(99,), pending=(31, 32, 33, 34)), [PROBLEM, PROBLEM]),
        (status(drifted=(8,)), [WARNING]),
        (status(missing_roles=("otelgres_reader",)), [WARNING]),
        (status(foreign_views=("metrics", "partitions")), [WARNING, WARNING]),
    ],
)
def test_what_keeps_this_version_from_working_is_a_problem(found: Status, expected: list[Rank]) -> None:
    assert ranks(schema.judge_migrations(found)) == expected


def days(first: int, last: int) -> list[Range]:
    midnight = NOW.replace(hour=0, minute=0)
    return [Range(midnight + day * DAY, midnight + (day + 1) * DAY) for day in range(first, last)]


@pytest.mark.parametrize(
    ("covered", "expected"),
    [
        (days(-4, 8), [OK]),
        (days(-4, 0) + days(1, 8), [PROBLEM]),
        (days(-4, 2), [PROBLEM]),
        (days(-4, 5), [WARNING]),
        (days(-2, 8), [NOTE]),
        ([], [PROBLEM, NOTE]),
    ],
)
def test_a_hole_is_the_graver_the_nearer_it_is(covered: list[Range], expected: list[Rank]) -> None:
    wanted = {"trace_spans": Range(days(-4, 8)[0].lower, days(-4, 8)[-1].upper)}
    assert ranks(partitions.judge_coverage(NOW, {"trace_spans": covered}, wanted)) == expected


@pytest.mark.parametrize(("rows", "expected"), [(1, NOTE), (50_000, NOTE), (50_001, WARNING)])
def test_rows_in_default_are_known_and_too_many_a_warning(rows: int, expected: Rank) -> None:
    held = partitions.InDefault(rows, NOW - 9000 * DAY, NOW)
    assert ranks(partitions.judge_default({"trace_spans": held})) == [expected]


HELD = {"maintenance": maintenance.Holder("a:1", True), "alerts": maintenance.Holder("a:1", True)}


def test_a_lease_that_is_over_is_held_by_nobody() -> None:
    assert ranks(maintenance.judge_leases(HELD)) == [OK, OK]
    assert ranks(maintenance.judge_leases(HELD | {"alerts": maintenance.Holder("a:1", False)})) == [OK, WARNING]
    assert ranks(maintenance.judge_leases({})) == [WARNING, WARNING]


@pytest.mark.parametrize(
    ("ago", "error", "is_led", "expected"),
    [
        (timedelta(minutes=4), None, True, OK),
        (timedelta(minutes=51), None, True, WARNING),
        (timedelta(minutes=51), None, False, OK),
        (timedelta(hours=25), None, True, PROBLEM),
        (timedelta(hours=25), None, False, PROBLEM),
        (None, None, True, NOTE),
        (None, None, False, OK),
        (timedelta(minutes=1), "TimeoutError", True, WARNING),
        (timedelta(hours=25), "TimeoutError", True, PROBLEM),
        (None, "TimeoutError", True, PROBLEM),
    ],
)
def test_a_job_is_judged_by_its_last_success(
    ago: timedelta | None, error: str | None, is_led: bool, expected: Rank
) -> None:
    run = maintenance.Run(None if ago is None else NOW - ago, error)
    found = maintenance.judge_runs(NOW, {"retention": timedelta(minutes=10)}, {"retention": run}, is_led=is_led)
    assert ranks(found) == [expected]


@pytest.mark.parametrize(
    ("unfolded", "unsealed", "expected"),
    [(None, None, [OK]), (299, 3599, [OK]), (301, None, [WARNING]), (301, 3601, [WARNING, WARNING])],
)
def test_results_may_lag_for_a_while(unfolded: float | None, unsealed: float | None, expected: list[Rank]) -> None:
    assert ranks(maintenance.judge_lags(unfolded, unsealed, ["structured_logs_p20261122"])) == expected


@pytest.mark.parametrize(
    ("kept", "expected", "told"),
    [
        (retention.Kept(3 << 30, None, 0, None, 0), [OK], "takes 3,072 MiB, and"),
        (retention.Kept(3 << 30, 4 << 30, 0, None, 60), [OK], "of at most 4,096 MiB"),
        (retention.Kept(3 << 30, 2 << 30, 1 << 30, "all of it is still written", 0), [WARNING], "1,024 MiB more"),
        (retention.Kept(1 << 30, None, 0, None, 7200), [WARNING], "for 2 hours"),
        (retention.Kept(3 << 30, 2 << 30, 1 << 30, "somebody reads it", 7200), [WARNING, WARNING], "somebody reads it"),
    ],
)
def test_retention_that_does_not_hold_its_bounds_is_told(kept: retention.Kept, expected: list[Rank], told: str) -> None:
    findings = retention.judge_bounds(kept)
    assert ranks(findings) == expected
    assert any(told in finding.text for finding in findings)


@pytest.mark.parametrize(("free", "expected"), [(None, NOTE), (99, PROBLEM), (100, WARNING), (399, WARNING), (400, OK)])
def test_a_disk_is_judged_by_the_least_that_must_be_free(free: int | None, expected: Rank) -> None:
    assert ranks([disks.judge("the spool", Path("/"), free, 100)]) == [expected]


def spool(requests: int, seconds: float, *, held: bool = True, put_off: int = 0, used: int = 1) -> spools.Spool:
    oldest = int((NOW.timestamp() - seconds) * 1e9)
    return spools.Spool(Path("/spool/1.sqlite"), held, Glance(requests, put_off, oldest if requests else None, used))


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ([], [OK]),
        ([spool(0, 0)], [OK]),
        ([spool(5, 30)], [OK]),
        ([spool(5, 90)], [WARNING]),
        ([spool(5, 1, held=False)], [WARNING]),
        ([spool(5, 90), spool(1, 90, held=False)], [WARNING, WARNING]),
        ([spool(1, 1, put_off=1)], [WARNING]),
        ([spool(0, 0, used=50), spool(0, 0, used=40)], [PROBLEM]),
    ],
)
def test_a_spool_is_judged_by_what_waits_in_it(found: list[spools.Spool], expected: list[Rank]) -> None:
    assert ranks(spools.judge(found, int(NOW.timestamp() * 1e9), 100)) == expected


def key(expires: timedelta | None = None, used: timedelta | None = None, age: float = 1, *scopes: str) -> keys.Key:
    return keys.Key(
        "k",
        scopes or ("traces",),
        NOW - age * DAY,
        None if expires is None else NOW + expires,
        None if used is None else NOW + used,
    )


@pytest.mark.parametrize(
    ("found", "needed", "expected"),
    [
        ([], False, [OK]),
        ([], True, [PROBLEM]),
        ([key()], True, [OK]),
        ([key(None, None, 1, "read")], True, [PROBLEM]),
        ([key(-DAY)], True, [PROBLEM, NOTE]),
        ([key(-DAY, -1.5 * DAY)], False, [WARNING]),
        ([key(-DAY, -9 * DAY)], False, [NOTE]),
        ([key(13 * DAY)], True, [WARNING]),
        ([key(15 * DAY)], True, [OK]),
        ([key(None, None, 31)], True, [NOTE]),
        ([key(None, -DAY, 31)], True, [OK]),
    ],
)
def test_keys_are_judged_by_who_cannot_come_in(found: list[keys.Key], needed: bool, expected: list[Rank]) -> None:
    assert ranks(keys.judge(found, NOW, needed=needed)) == expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (alerts.Notices(None, 0, None), [OK]),
        (alerts.Notices(599, 0, None), [OK]),
        (alerts.Notices(601, 0, "503"), [WARNING]),
        (alerts.Notices(601, 2, None), [WARNING, WARNING]),
    ],
)
def test_notices_must_go_out(found: alerts.Notices, expected: list[Rank]) -> None:
    assert ranks(alerts.judge_notices(found)) == expected


@pytest.mark.parametrize(
    ("rule", "has_login", "expected"),
    [
        (alerts.Rule("r", None, False, False), False, [OK]),
        (alerts.Rule("r", None, True, False), False, [WARNING]),
        (alerts.Rule("r", "no such field", False, False), False, [WARNING]),
        (alerts.Rule("r", None, False, True), False, [NOTE]),
        (alerts.Rule("r", None, False, True), True, [OK]),
    ],
)
def test_rules_must_be_evaluated(rule: alerts.Rule, has_login: bool, expected: list[Rank]) -> None:
    assert ranks(alerts.judge_rules([rule], has_login=has_login)) == expected


def test_the_gravest_comes_first_and_the_last_line_counts() -> None:
    found = [
        Looked("disk", ok("much is free")),
        Looked("jobs", warning("one fails", "look")),
        Looked("keys", note("one is old", "revoke it")),
        Looked("database", problem("it is away", "start it")),
        Looked("ports", note("one is odd", "choose another")),
    ]
    assert worst(found) is PROBLEM
    _, _, *lines = as_text(found, "postgresql://db/shop").splitlines()
    assert [line.split()[0] for line in lines if line] == [
        *("problem", "→", "warning", "→", "note", "→", "note", "→", "ok", "1"),
    ]
    assert lines[-1] == "1 problem, 1 warning, 2 notes, 1 ok"


def test_no_two_checks_of_the_database_share_a_name() -> None:
    assert not set(checks.OF_SERVER) & set(checks.OF_TABLES)


def test_times_sizes_and_lists_are_in_words() -> None:
    assert [span(seconds) for seconds in (0, 1, 90, 3590, 7200, 100_000, 2e6)] == [
        *("0 seconds", "1 second", "2 minutes", "1 hour", "2 hours", "1 day", "23 days"),
    ]
    assert [size(1 << 30), size(20 << 30)] == ["1,024 MiB", "20 GiB"]
    assert [names(["a"]), names(["a", "b", "c", "d", "e"])] == ["a", "a, b, c and 2 more"]
