"""Where an exporter is told of its database: by its constructor, for its signal, for all signals."""

import pytest
from opentelemetry.exporter.postgres.batch import Signal
from opentelemetry.exporter.postgres.export_settings import ExportSettings, settings_for


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
