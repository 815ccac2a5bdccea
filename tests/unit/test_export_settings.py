"""Where an exporter is told of its database: by its constructor, for its signal, for all signals."""

from pathlib import Path

import pytest
from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.export_settings import ExportSettings, error_from_status, settings_for


@pytest.mark.parametrize(
    ("variables", "given", "expected"),
    [
        ({}, ("postgresql://a", 500), ExportSettings("postgresql://a", 0.5)),
        ({"DSN": "postgresql://b"}, (None, None), ExportSettings("postgresql://b", 10)),
        ({"DSN": "postgresql://b"}, ("postgresql://a", None), ExportSettings("postgresql://a", 10)),
        ({"DSN": "postgresql://b", "LOGS_DSN": "postgresql://c"}, (None, None), ExportSettings("postgresql://c", 10)),
        ({"DSN": "postgresql://b", "TRACES_DSN": "postgresql://c"}, (None, None), ExportSettings("postgresql://b", 10)),
        ({"DSN": "x", "TIMEOUT": "2500"}, (None, None), ExportSettings("x", 2.5)),
        ({"DSN": "x", "TIMEOUT": "2500", "LOGS_TIMEOUT": "100"}, (None, None), ExportSettings("x", 0.1)),
        ({"DSN": "x", "TIMEOUT": "2500"}, (None, 1000), ExportSettings("x", 1)),
        ({"DSN": "x", "TIMEOUT": "soon"}, (None, None), ExportSettings("x", 10)),
        ({"DSN": "x", "TIMEOUT": "-1"}, (None, None), ExportSettings("x", 10)),
        ({"DSN": "", "TIMEOUT": ""}, (None, None), ExportSettings(None, 10)),
    ],
)
def test_settings(
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    given: tuple[str | None, float | None],
    expected: ExportSettings,
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(f"OTEL_EXPORTER_POSTGRES_{name}", value)
    assert settings_for(Signal.LOGS, *given) == expected


def test_rules_come_from_the_constructor_or_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).write_text(f'[[rule]]\nkey = "{name}"\naction = "hash"')
    monkeypatch.setenv("OTEL_EXPORTER_POSTGRES_ATTRIBUTE_RULES", str(tmp_path / "one"))
    monkeypatch.setenv("OTEL_EXPORTER_POSTGRES_ATTRIBUTE_HASH_KEY", "the key of all signals")
    rules = settings_for(Signal.LOGS, "x", None).rules
    assert rules is not None
    assert ([rule.key for rule in rules.rules], rules.hash_key) == (["one"], b"the key of all signals")
    rules = settings_for(Signal.LOGS, "x", None, str(tmp_path / "two"), "the key of this one").rules
    assert rules is not None
    assert ([rule.key for rule in rules.rules], rules.hash_key) == (["two"], b"the key of this one")


def test_with_rules_that_cannot_be_used_there_is_no_database(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_POSTGRES_LOGS_ATTRIBUTE_RULES", str(tmp_path / "none"))
    assert settings_for(Signal.LOGS, "x", None) == ExportSettings(None, 10)
    assert [record.getMessage() for record in caplog.records] == [
        f"no logs are stored: {tmp_path}/none cannot be read: No such file or directory"
    ]
    assert settings_for(Signal.TRACES, "x", None) == ExportSettings("x", 10)


@pytest.mark.parametrize(
    ("text", "status"), [("", 400), ("500", 500), ("599", 599), ("399", 400), ("600", 400), ("many", 400), ("-1", 400)]
)
def test_the_status_from_which_on_a_trace_is_an_error(monkeypatch: pytest.MonkeyPatch, text: str, status: int) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_POSTGRES_ERROR_FROM_STATUS", text)
    assert error_from_status() == status
