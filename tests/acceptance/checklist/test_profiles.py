"""Profiles over HTTP."""

import httpx
import pytest

from tests.acceptance.checklist.cases import JSON, PROTOBUF, checks
from tests.otelgres_process import OtelgresProcess


@checks(104)
@pytest.mark.parametrize("media", [PROTOBUF, JSON])
def test_profiles_over_http(receiver: OtelgresProcess, media: str) -> None:
    with httpx.Client(base_url=receiver.otlp_http_url, headers={"content-type": media}) as client:
        answer = client.post("/v1development/profiles", content=b"")
        assert (answer.status_code, answer.headers["content-type"]) == (404, media)
        assert b"profiles are not taken" in answer.content
        assert client.post("/v1/traces", content=b"{}" if media == JSON else b"").status_code == 200
