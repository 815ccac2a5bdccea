"""Settings: one clear line for every mistake, all documented, secrets never shown."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from server.errors import SettingsError
from server.masking import MASK, mask_dsn
from server.settings import Settings
from server.spool_places import spool_directory, warn_of_others
from tests.otelgres_process import plain_environment

SECRETS = {
    "OTELGRES_DSN": "postgresql://me:hunter2@db.example:5433/telemetry?sslmode=require",
    "OTELGRES_ALERT_SQL_DSN": "postgresql://reader:hunter2@db.example:5433/telemetry",
    "OTELGRES_INGEST_TOKEN": "hunter2-hunter2-hunter2",
    "OTELGRES_ADMIN_TOKEN": "hunter2-hunter2-hunter3",
    "OTELGRES_ATTRIBUTE_HASH_KEY": "hunter2-hunter2-hunter4",
    "SLACK_WEBHOOK_URL": "https://hooks.slack.example/hunter2",
    "SMTP_HOST": "hunter2.example",
    "SMTP_PORT": "2525",
    "SMTP_USER": "hunter2",
    "SMTP_PASSWORD": "hunter2",
    "ALERT_EMAIL_FROM": "hunter2@example.com",
    "ALERT_EMAIL_TO": "hunter2@example.com, other@example.com",
}


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The environment without any setting."""
    for row in Settings.document():
        monkeypatch.delenv(row.variable, raising=False)
    for name in os.environ.keys() - plain_environment().keys():
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def otelgres(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "server.cli", *arguments]
    return subprocess.run(command, env=plain_environment() | settings, capture_output=True, text=True)


def test_the_defaults_are_those_promised(environment: pytest.MonkeyPatch) -> None:
    settings = Settings.load()
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert (settings.otlp_grpc_port, settings.otlp_http_port) == (4317, 4318)
    assert settings.retention_days == 30
    assert settings.max_request_bytes == 64 * 1024 * 1024
    assert settings.error_from_status == 400
    assert settings.smtp_port == 587
    assert (settings.spool_bytes, settings.spool_dir, settings.min_free_bytes) == (1 << 30, None, 512 << 20)
    assert settings.dsn is None
    assert settings.worker_count == max(2, len(os.sched_getaffinity(0)) - 1)


def test_values_come_from_the_environment_and_empty_ones_do_not_count(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("OTELGRES_PORT", "8123")
    environment.setenv("OTELGRES_WORKERS", "")
    environment.setenv("OTELGRES_MAX_REQUEST_BYTES", "16MiB")
    environment.setenv("OTELGRES_DATA_DIR", "~/here")
    environment.setenv("OTELGRES_ALLOWED_HOSTS", "one.example, two.example,")
    settings = Settings.load()
    assert settings.port == 8123
    assert settings.workers is None
    assert settings.max_request_bytes == 16 * 1024 * 1024
    assert settings.data_dir == Path.home() / "here"
    assert settings.allowed_hosts == ("one.example", "two.example")


def test_a_plain_users_data_is_below_their_home(environment: pytest.MonkeyPatch) -> None:
    environment.setattr("os.geteuid", lambda: 1000)
    environment.setenv("HOME", "/home/someone")
    environment.delenv("XDG_DATA_HOME", raising=False)
    assert Settings.load().data_dir == Path("/home/someone/.local/share/otelgres")
    environment.setenv("XDG_DATA_HOME", "/data of someone")
    assert Settings.load().data_dir == Path("/data of someone/otelgres")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("OTELGRES_PORT", "eight thousand"),
        ("OTELGRES_PORT", "65536"),
        ("OTELGRES_OTLP_GRPC_PORT", "0"),
        ("OTELGRES_RETENTION_DAYS", "0"),
        ("OTELGRES_WORKERS", "-1"),
        ("OTELGRES_MAX_REQUEST_BYTES", "12 bananas"),
        ("OTELGRES_ERROR_FROM_STATUS", "200"),
        ("OTELGRES_LOG_LEVEL", "loud"),
        ("OTELGRES_DSN", "mysql://me:hunter2@db/x"),
        ("OTELGRES_DSN", "postgresql://me:hunter2@db:99999999/x"),
        ("OTELGRES_DSN", "postgresql://me:hunter2@db:1,db2:99999999/x"),
        ("OTELGRES_SPOOL_BYTES", "-1"),
        ("OTELGRES_MIN_FREE_BYTES", "some"),
        ("OTELGRES_INGEST_TOKEN", "hunter2"),
        ("OTELGRES_ATTRIBUTE_HASH_KEY", "hunter2"),
        ("SMTP_PORT", "hunter2"),
    ],
)
def test_a_bad_value_is_one_line_that_names_the_variable_and_shows_no_secret(
    environment: pytest.MonkeyPatch, variable: str, value: str
) -> None:
    environment.setenv(variable, value)
    with pytest.raises(SettingsError) as refusal:
        Settings.load()
    assert variable in str(refusal.value)
    assert "\n" not in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


def test_two_mistakes_are_told_together(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("OTELGRES_PORT", "x")
    environment.setenv("OTELGRES_WORKERS", "y")
    with pytest.raises(SettingsError, match=r"OTELGRES_PORT.*; OTELGRES_WORKERS"):
        Settings.load()


def test_an_unknown_variable_is_named_with_the_nearest_known_one(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("OTELGRES_RETENSION_DAYS", "3")
    with pytest.raises(SettingsError, match=r"OTELGRES_RETENSION_DAYS.*OTELGRES_RETENTION_DAYS"):
        Settings.load()


def test_two_services_on_one_port_are_refused(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("OTELGRES_PORT", "4318")
    with pytest.raises(SettingsError, match="OTELGRES_PORT and OTELGRES_OTLP_HTTP_PORT are both 4318"):
        Settings.load()


def test_the_command_line_ends_a_mistake_with_one_line_and_code_2() -> None:
    done = otelgres("config", OTELGRES_PROT="8000")
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr == "otelgres: OTELGRES_PROT is no setting of Otelgres; did you mean OTELGRES_PORT?\n"


def test_config_prints_every_setting_and_no_secret() -> None:
    done = otelgres("config", OTELGRES_PORT="8123", **SECRETS)
    assert done.returncode == 0
    printed = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert list(printed) == [row.variable for row in Settings.document()]
    assert printed["OTELGRES_PORT"] == "8123"
    assert printed["OTELGRES_DSN"] == f"postgresql://me:{MASK}@db.example:5433/telemetry?sslmode=require"
    assert printed["OTELGRES_ALERT_SQL_DSN"] == f"postgresql://reader:{MASK}@db.example:5433/telemetry"
    assert "hunter2" not in done.stdout + done.stderr
    assert [printed[name] for name in SECRETS if not name.endswith("_DSN")] == [MASK] * (len(SECRETS) - 2)


def test_settings_show_no_secret_when_printed(environment: pytest.MonkeyPatch) -> None:
    for name in ("OTELGRES_DSN", "OTELGRES_INGEST_TOKEN", "SMTP_PASSWORD", "SLACK_WEBHOOK_URL"):
        environment.setenv(name, SECRETS[name])
    assert "hunter2" not in repr(Settings.load())


@pytest.mark.parametrize(
    ("dsn", "masked"),
    [
        ("postgresql://me:p%40ss@db/x", f"postgresql://me:{MASK}@db/x"),
        ("postgresql://me@db/x", "postgresql://me@db/x"),
        ("postgresql://db/x?user=me&password=p", f"postgresql://db/x?user=me&password={MASK}"),
        ("postgresql://o@/x?host=/run/a%20b", "postgresql://o@/x?host=/run/a%20b"),
        ("postgresql://me:a@b@db/x?sslpassword=p", f"postgresql://me:{MASK}@db/x?sslpassword={MASK}"),
    ],
)
def test_a_dsn_loses_its_passwords_alone(dsn: str, masked: str) -> None:
    assert mask_dsn(dsn) == masked


def test_every_setting_has_a_description() -> None:
    assert [row.variable for row in Settings.document() if not row.description.endswith(".")] == []


def test_a_dsn_may_name_several_hosts(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("OTELGRES_DSN", "postgresql://me:hunter2@one:5433,[::1]:5434,three/x")
    settings = Settings.load()
    assert dict(settings.effective())["OTELGRES_DSN"] == f"postgresql://me:{MASK}@one:5433,[::1]:5434,three/x"


def test_each_database_has_a_spool_of_its_own(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("OTELGRES_DATA_DIR", "/data")
    settings = Settings.load()
    dsns = [
        "postgresql://me:one@db/x",
        "postgresql://me:two@db/x?sslmode=require",
        "postgresql://me:one@db/y",
        "postgresql://me:one@db2/x",
        "postgresql://me@/x?host=/run/a",
        "postgresql://me@/x?host=/run/b",
    ]
    directories = [spool_directory(settings, dsn, embedded=False) for dsn in dsns]
    assert directories[0] == directories[1]
    assert len(set(directories)) == 5
    assert {directory.parent for directory in directories} == {Path("/data/spool")}
    assert spool_directory(settings, dsns[0], embedded=True) == Path("/data/spool")
    environment.setenv("OTELGRES_SPOOL_DIR", "/elsewhere")
    assert spool_directory(Settings.load(), dsns[0], embedded=False) == Path("/elsewhere")


def test_rules_that_cannot_be_used_end_the_start_with_one_line(tmp_path: Path) -> None:
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rule]]\nkey = "a"\naction = "hash"\n[[rule]]\nkey = "b"\naction = "hide"')
    done = otelgres("serve", OTELGRES_ATTRIBUTE_RULES=str(rules))
    line = f"otelgres: OTELGRES_ATTRIBUTE_RULES: {rules}, rule 2, action: must be drop, hash, mask\n"
    assert (done.returncode, done.stdout, done.stderr) == (2, "", line)
    rules.write_text('[[rule]]\nkey = "a"\naction = "hash"')
    told = otelgres("serve", OTELGRES_ATTRIBUTE_RULES=str(rules)).stderr
    assert "rule 1, action: hash needs a key: set OTELGRES_ATTRIBUTE_HASH_KEY\n" in told


def test_a_spool_of_another_database_is_mentioned_at_the_start(
    environment: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    dsn = "postgresql://db1/telemetry"
    environment.setenv("OTELGRES_DATA_DIR", str(tmp_path))
    environment.setenv("OTELGRES_DSN", dsn)
    settings = Settings.load()
    own = spool_directory(settings, dsn, embedded=False)
    other = spool_directory(settings, "postgresql://db1,db2/telemetry", embedded=False)
    for directory in (own, other):
        directory.mkdir(parents=True)
        (directory / "0.sqlite").touch()
    warn_of_others(settings, dsn)
    (record,) = caplog.records
    assert str(other) in record.getMessage()
