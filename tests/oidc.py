"""A real OpenID Connect provider, and what a person does there."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
from pydantic import SecretStr

from server.settings import Settings
from tests.node.install import HERE, NODE, environment, is_complete
from tests.signing_in import ADMIN_TOKEN

CLIENT_ID, SECRET = "otelgres", "a secret between provider and Otelgres"


def settings(issuer: str, **more: Any) -> Settings:
    return Settings(
        people="oidc",
        admin_token=SecretStr(ADMIN_TOKEN),
        oidc_issuer=issuer,
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=SecretStr(SECRET),
        retention_days=4,
        metric_minutes_days=4,
        metric_hours_days=28,
        **more,
    )


@contextmanager
def provider(port: int, accounts: dict[str, dict[str, Any]]) -> Iterator[str]:
    """Its issuer. It sends browsers back to Otelgres on this port. accounts: claims by login."""
    assert is_complete(), "run: python -m tests.node.install"
    client = {
        "client_id": CLIENT_ID,
        "client_secret": SECRET,
        "redirect_uris": [f"http://127.0.0.1:{port}/api/access/oidc/callback"],
    }
    process = subprocess.Popen(
        [NODE, HERE / "oidc_provider.mjs", json.dumps({"client": client, "accounts": accounts})],
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield process.stdout.readline().strip()
    finally:
        process.stdin.close()
        process.stdout.close()
        process.wait(10)


def sign_in(client: httpx.Client, login: str, next_: str = "/") -> httpx.Response:
    """From Otelgres to the provider, through its forms, and back: the answer of the callback."""
    answer = client.get("/api/access/oidc/login", params={"next": next_})
    assert answer.status_code == 303, answer.text
    while True:
        while answer.is_redirect and "/oidc/callback" not in str(answer.request.url):
            answer = client.send(answer.next_request) if answer.next_request else answer
        if "/oidc/callback" in str(answer.request.url):
            return answer
        prompt = re.search(r'name="prompt" value="(\w+)"', answer.text)
        assert prompt is not None, answer.text
        fields = {"prompt": prompt[1], "login": login, "password": "any"}
        answer = client.post(answer.url, data=fields)
