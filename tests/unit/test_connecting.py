"""The hosts of a DSN, tried one by one."""

import pytest
from opentelemetry.exporter.postgres.connecting import hosts_of


@pytest.mark.parametrize(
    ("dsn", "hosts"),
    [
        ("postgresql://me:secret@db.example:5433/telemetry", [{}]),
        ("postgresql:///telemetry", [{}]),
        ("postgresql://me@/telemetry?host=%2Frun%2Fa&port=5433", [{}]),
        ("postgresql://me@a:1,b/x", [{"host": "a", "port": 1}, {"host": "b", "port": 5432}]),
        ("postgresql://me@[::1]:1,[fe80::1]:2/x", [{"host": "::1", "port": 1}, {"host": "fe80::1", "port": 2}]),
        ("postgresql://me@/x?host=/run/a,/run/b", [{"host": "/run/a", "port": 5432}, {"host": "/run/b", "port": 5432}]),
        ("postgresql://me@/x?host=a,b&port=1,2", [{"host": "a", "port": 1}, {"host": "b", "port": 2}]),
        ("postgresql://me@/x?host=a,b&port=7", [{"host": "a", "port": 7}, {"host": "b", "port": 7}]),
    ],
)
def test_hosts(dsn: str, hosts: list[dict[str, object]]) -> None:
    assert hosts_of(dsn) == hosts
