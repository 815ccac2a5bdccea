"""Who sent a request, from a glance at its bytes."""

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message

from receiver.senders import sender_of
from tests import payloads


@pytest.mark.parametrize("message", [payloads.spans(3, service="shop"), payloads.records(3, service="shop")])
def test_the_peer_and_the_first_service(message: Message) -> None:
    assert sender_of("10.0.0.1", message.SerializeToString()) == "10.0.0.1 shop"
    assert sender_of("10.0.0.1", json_format.MessageToJson(message).encode()) == "10.0.0.1 shop"
    assert sender_of("10.0.0.1", json_format.MessageToJson(message, indent=None).encode()) == "10.0.0.1 shop"


@pytest.mark.parametrize(
    "body", [b"", b"service.name", b'"service.name"', b"service.name\x12\x02\x18\x01", b"x" * 5000 + b"service.name"]
)
def test_what_names_no_service_counts_for_its_peer(body: bytes) -> None:
    assert sender_of("10.0.0.1", body) == "10.0.0.1"
