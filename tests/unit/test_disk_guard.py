"""Who writes is stopped before a disk is full, and told once."""

import logging
from pathlib import Path

import pytest

from receiver import disk_guard
from receiver.disk_guard import DiskGuard, free_bytes

MIB = 1 << 20


def test_a_change_is_one_line_and_room_comes_back_with_a_margin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(disk_guard, "CHECK_SECONDS", 0.0)
    caplog.set_level(logging.WARNING)
    free = 200 * MIB
    guard = DiskGuard(tmp_path, 100 * MIB, "nothing is taken", lambda _: free)
    assert guard.has_room
    free = 99 * MIB
    assert [guard.has_room, guard.has_room] == [False, False]
    free = 105 * MIB
    assert not guard.has_room
    free = 111 * MIB
    assert [guard.has_room, guard.has_room] == [True, True]
    assert len(caplog.records) == 2
    assert "99 MiB left" in caplog.messages[0]
    assert "nothing is taken" in caplog.messages[0]


def test_it_looks_once_a_second_at_most(tmp_path: Path) -> None:
    looks: list[Path] = []

    def free(directory: Path) -> int:
        looks.append(directory)
        return 0

    guard = DiskGuard(tmp_path, 1, "", free)
    assert [guard.has_room for _ in range(100)] == [False] * 100
    assert looks == [tmp_path]


def test_a_disk_that_cannot_be_looked_at_stops_nobody(tmp_path: Path) -> None:
    assert DiskGuard(tmp_path / "missing", 1 << 60, "").has_room
    assert not DiskGuard(tmp_path, 1 << 60, "").has_room
    assert free_bytes(tmp_path) > 0
