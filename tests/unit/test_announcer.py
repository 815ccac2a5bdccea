"""Announcements fit PostgreSQL's 8,000 bytes, whatever the message is made of."""

import json
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.exporter.postgres.announcer import payload_of
from opentelemetry.exporter.postgres.batch import NewestLog

POSTGRES_LIMIT = 7999
ID = uuid.UUID("01890a5d-ac96-774b-bcce-b302099a8057")
AT = 1_700_000_000_123_456


def newest(message: str, logger: str = "app.chat", trace_id: str | None = "ab" * 16) -> NewestLog:
    return NewestLog(ID.bytes, AT, "INFO", logger, message, trace_id)


def test_the_payload_of_the_contract() -> None:
    assert json.loads(payload_of(newest("hello ü"), 3)) == {
        "id": str(ID),
        "timestamp": "2023-11-14T22:13:20.123456+00:00",
        "level": "INFO",
        "logger_name": "app.chat",
        "message": "hello ü",
        "trace_id": "ab" * 16,
        "count": 3,
    }
    assert json.loads(payload_of(newest("hello", trace_id=None), 1))["trace_id"] is None


@pytest.mark.parametrize("character", ["x", "ü", "\U0001f600", "\x01", '"', "\\", "\ufffd"])
@pytest.mark.parametrize("length", [900, 1100, 3000, 7600, 7900, 8000, 100_000])
def test_long_messages_are_cut_and_marked(character: str, length: int) -> None:
    message = character * length
    payload = payload_of(newest(message), 1)
    assert len(payload.encode()) <= POSTGRES_LIMIT
    told = json.loads(payload)
    assert message.startswith(told["message"])
    assert told.get("truncated", False) == (told["message"] != message)
    assert len(told["message"]) >= 900


@given(st.text(max_size=20).map(lambda text: text * 600), st.text(max_size=20).map(lambda text: text * 100))
def test_any_message_and_logger_fit(message: str, logger: str) -> None:
    payload = payload_of(newest(message, logger), 2**31)
    assert len(payload.encode()) <= POSTGRES_LIMIT
    told = json.loads(payload)
    whole = (told["message"], told["logger_name"]) == (message, logger)
    assert told.get("truncated", False) == (not whole)
