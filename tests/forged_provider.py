"""An OpenID Connect provider that answers what a test makes up."""

import base64
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwt
from joserfc.jwk import RSAKey

KEY = RSAKey.generate_key(2048, {"kid": "ours"}, private=True)
ANOTHERS = RSAKey.generate_key(2048, {"kid": "ours"}, private=True)


class ForgedProvider:
    """id_token: makes the token of an answer from the claims that would be right."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self.nonce = ""
        self.id_token: Callable[[dict[str, Any]], str] = signed

    def token(self) -> dict[str, Any]:
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": "otelgres",
            "sub": "1",
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            "email": "adam@example.com",
            "email_verified": True,
        }
        return {"access_token": "x", "token_type": "Bearer", "id_token": self.id_token(claims)}

    def documents(self) -> dict[str, Any]:
        places = {name: f"{self.issuer}/{name}" for name in ("authorize", "token", "jwks")}
        return {
            "/.well-known/openid-configuration": {
                "issuer": self.issuer,
                "authorization_endpoint": places["authorize"],
                "token_endpoint": places["token"],
                "jwks_uri": places["jwks"],
            },
            "/jwks": {"keys": [KEY.as_dict(private=False)]},
        }


def signed(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "ours"}, claims, KEY)


def signed_by_another(claims: dict[str, Any]) -> str:
    return jwt.encode({"alg": "RS256", "kid": "ours"}, claims, ANOTHERS)


def signed_by_nobody(claims: dict[str, Any]) -> str:
    return f"{_part({'alg': 'none', 'typ': 'JWT'})}.{_part(claims)}."


def signed_by_the_public_key(claims: dict[str, Any]) -> str:
    """As if the public key, which everybody knows, were a shared secret."""
    text = f"{_part({'alg': 'HS256', 'kid': 'ours'})}.{_part(claims)}"
    signature = hmac.digest(KEY.as_pem(private=False), text.encode(), "sha256")
    return f"{text}.{_text(signature)}"


def _part(document: dict[str, Any]) -> str:
    return _text(json.dumps(document).encode())


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@contextmanager
def forged_provider() -> Iterator[ForgedProvider]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(provider.documents()[self.path])

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self._answer(provider.token())

        def _answer(self, document: dict[str, Any]) -> None:
            body = json.dumps(document).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """It says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider = ForgedProvider(f"http://127.0.0.1:{server.server_address[1]}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield provider
        finally:
            server.shutdown()
            thread.join()
