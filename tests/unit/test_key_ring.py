"""Keys in memory: what opens, what does not, and what the API takes them for."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from access.keys.key_text import KeyText, new_key
from access.keys.ring import Key, KeyRing
from access.principals import Principal, Role

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def key(text: KeyText, scopes: Sequence[str] = ("logs",), expires_at: datetime | None = None) -> Key:
    return Key(text.id, "mine", text.digest, frozenset(scopes), None, expires_at)


def ring(*keys: Key) -> KeyRing:
    ring = KeyRing(lambda: NOW)
    ring.replace(keys)
    return ring


def test_a_key_has_at_least_160_random_bits_and_only_their_hash_is_kept() -> None:
    made = [new_key() for _ in range(100)]
    assert len({text for _, text in made}) == 100
    for kept, text in made:
        secret = text.rpartition("_")[2]
        assert len(secret) * 4 >= 160
        assert KeyText.read(text) == kept
        assert secret not in repr(kept)


def test_what_was_made_is_found() -> None:
    text, shown = new_key()
    assert ring(key(text)).find(shown) == key(text)


@pytest.mark.parametrize(
    "presented",
    [
        "",
        "otg_",
        "otg__",
        "otg_0123456789ab_",
        "otg_0123456789ab_" + "0" * 47,
        "otg_0123456789ab_" + "0" * 49,
        "otg_0123456789ab_" + "0" * 1_000_000,
        "otg_0123456789AB_" + "0" * 48,
        "otg_0123456789ab_" + "0" * 47 + "٠",
        "otg_0123456789ab_" + "0" * 48 + "\n",
        " otg_0123456789ab_" + "0" * 48,
        "otg_0123456789ab_" + "0" * 48 + "\0",
        "ünïcode",
    ],
)
def test_garbage_is_no_key(presented: str) -> None:
    assert KeyText.read(presented) is None
    assert ring().find(presented) is None


def test_another_secret_or_another_id_opens_nothing() -> None:
    (one, shown), (other, other_shown) = new_key(), new_key()
    both = ring(key(one), key(other))
    assert both.find(f"otg_{one.id}_{other_shown.rpartition('_')[2]}") is None
    assert both.find(f"otg_{'0' * 12}_{shown.rpartition('_')[2]}") is None
    assert both.find(f"otg_{one.id}_{'0' * 48}") is None


def test_a_key_opens_until_it_expires() -> None:
    text, shown = new_key()
    assert ring(key(text, expires_at=NOW + timedelta(microseconds=1))).find(shown)
    assert ring(key(text, expires_at=NOW)).find(shown) is None


def test_a_key_that_is_not_on_the_ring_any_more_opens_nothing() -> None:
    text, shown = new_key()
    known = ring(key(text))
    known.replace([])
    assert known.find(shown) is None


def test_uses_are_told_once_and_only_of_what_opened() -> None:
    (text, shown), (late, late_shown) = new_key(), new_key()
    known = ring(key(text), key(late, expires_at=NOW))
    known.find(shown)
    known.find(late_shown)
    assert known.take_used() == {text.id: NOW}
    assert known.take_used() == {}


@pytest.mark.parametrize(
    ("scopes", "role"),
    [
        (["read"], Role.VIEWER),
        (["write"], Role.EDITOR),
        (["read", "write", "logs"], Role.EDITOR),
        (["traces", "logs", "metrics"], None),
    ],
)
def test_at_the_api_read_is_a_viewer_and_write_an_editor_and_ingest_nobody(
    scopes: list[str], role: Role | None
) -> None:
    text, shown = new_key()
    found = ring(key(text, scopes)).principal(shown)
    assert found == (Principal("key:mine", role, "key") if role else None)
    assert ring().principal(shown) is None
