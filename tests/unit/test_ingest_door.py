"""Who is let in at the receivers' door."""

from datetime import UTC, datetime

import pytest
from opentelemetry.exporter.postgres.batch import Signal
from pydantic import SecretStr

from access.keys.key_text import new_key
from access.keys.ring import Key, KeyRing
from receiver.permits import EVERYTHING, Permit
from receiver.refusals import Forbidden, Unauthenticated, Unavailable
from server.access import takes_keys
from server.ingest_door import IngestDoor
from server.settings import Settings

TOKEN = "an ingest token for tests"


def test_before_the_first_load_a_key_is_told_to_come_again_and_everything_else_to_stay_away() -> None:
    door = IngestDoor(KeyRing(), TOKEN)
    _, shown = new_key()
    with pytest.raises(Unavailable):
        door(Signal.LOGS, f"Bearer {shown}")
    for wrong in (None, "", "Bearer other", shown, f"Digest {TOKEN}"):
        with pytest.raises(Unauthenticated):
            door(Signal.LOGS, wrong)
    assert door(Signal.LOGS, f"Bearer {TOKEN}") is EVERYTHING


def test_the_token_opens_all_signals_and_a_key_its_own_for_its_services() -> None:
    text, shown = new_key()
    ring = KeyRing(lambda: datetime.now(UTC))
    services = frozenset({"shop"})
    ring.replace([Key(text.id, "mine", text.digest, frozenset({"logs", "read"}), services, None)])
    door = IngestDoor(ring, TOKEN)
    assert {door(signal, f"bearer {TOKEN}") for signal in Signal} == {EVERYTHING}
    assert door(Signal.LOGS, f"Bearer {shown}") == Permit(services)
    for signal in (Signal.TRACES, Signal.METRICS):
        with pytest.raises(Forbidden, match=f"the key does not open {signal.name.lower()}"):
            door(signal, f"Bearer {shown}")


def test_without_a_token_an_empty_one_opens_nothing() -> None:
    ring = KeyRing()
    ring.replace([])
    for presented in ("Bearer ", "Bearer None", "Basic Og=="):
        with pytest.raises(Unauthenticated):
            IngestDoor(ring, None)(Signal.LOGS, presented)


@pytest.mark.parametrize(
    ("settings", "taken"),
    [
        (Settings(), False),
        (Settings(ingest_token=SecretStr(TOKEN)), True),
        (Settings(host="0.0.0.0"), True),
        (Settings(ingest_access="keys"), True),
        (Settings(host="0.0.0.0", ingest_access="open"), False),
    ],
    ids=["loopback", "token", "every address", "by choice", "open by choice"],
)
def test_senders_need_keys_off_loopback_and_where_there_is_a_token(settings: Settings, taken: bool) -> None:
    assert takes_keys(settings) is taken


def test_a_token_that_nobody_would_ask_for_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="asks nobody for OTELGRES_INGEST_TOKEN"):
        Settings(ingest_access="open", ingest_token=SecretStr(TOKEN))
