"""Signing in by an OpenID Connect provider: the code flow with PKCE, state and nonce."""

import hmac
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx2
from authlib.common.security import generate_token
from authlib.integrations.httpx_client import AsyncOAuth2Client, OAuthError
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from access.people.accounts import read_email
from access.principals import Role

ANSWER_SECONDS = 10.0
KEPT_SECONDS = 3600.0
LEEWAY_SECONDS = 60
LONGEST_NAME = 255
# None of the symmetric ones: whoever knows the provider's public key could else sign with it.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]


class Refused(Exception):
    """The provider, or we, let this person not in; the text says why, for people.

    name: of the person, as the provider vouches for it: an e-mail address, else its own id; None before it does.
    """

    def __init__(self, reason: str, name: str | None = None) -> None:
        super().__init__(reason)
        self.name = name and name.replace("\0", "")[:LONGEST_NAME]


class ProviderAway(Exception):
    """The provider does not answer as one should; the text says how."""


@dataclass(frozen=True, slots=True)
class Registration:
    """What was agreed with the provider. roles: by a value of `role_claim`; of several the highest counts.

    domains: of the e-mail addresses that may sign in; empty for all that the provider knows.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    role_claim: str | None = None
    roles: Mapping[str, Role] = field(default_factory=dict)
    domains: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the provider says it is. role: None where the provider is not asked for it."""

    email: str
    role: Role | None


@dataclass(frozen=True, slots=True)
class _Known:
    """The provider's own description, and its keys."""

    metadata: Mapping[str, Any]
    keys: KeySet
    read_at: float


class Provider:
    """One a process."""

    def __init__(self, registration: Registration) -> None:
        self.registration = registration
        self._known: _Known | None = None

    async def begin(self, callback: str) -> tuple[str, dict[str, str]]:
        """Where to send the browser, and what to keep for `finish`. Raises ProviderAway."""
        known = await self._description()
        flow = {"state": generate_token(32), "nonce": generate_token(32), "verifier": generate_token(48)}
        async with self._client(callback) as client:
            url, _ = client.create_authorization_url(
                known.metadata["authorization_endpoint"],
                state=flow["state"],
                nonce=flow["nonce"],
                code_verifier=flow["verifier"],
            )
        return url, flow

    async def finish(self, callback: str, flow: Mapping[str, Any], answer: Mapping[str, str]) -> Identity:
        """Who came back from the provider with this answer. Raises Refused and ProviderAway."""
        if not hmac.compare_digest(answer.get("state", "").encode(), str(flow.get("state")).encode()):
            raise Refused("this sign-in was not begun here; begin again")
        if "code" not in answer:
            raise Refused("the provider let you not in")
        known = await self._description()
        try:
            async with self._client(callback) as client:
                token = await client.fetch_token(
                    known.metadata["token_endpoint"], code=answer["code"], code_verifier=flow["verifier"]
                )
        except OAuthError:
            raise Refused("the provider does not know this sign-in; begin again") from None
        except (httpx2.HTTPError, ValueError) as error:
            raise ProviderAway(f"no token: {type(error).__name__}") from error
        access_token = token.get("access_token")
        claims = await self._claims(token.get("id_token"), str(flow["nonce"]), access_token)
        return self._identity(claims | await self._more(claims, access_token))

    def _client(self, callback: str) -> Any:
        return AsyncOAuth2Client(
            self.registration.client_id,
            self.registration.client_secret,
            scope="openid email profile",
            redirect_uri=callback,
            code_challenge_method="S256",
            timeout=ANSWER_SECONDS,
            follow_redirects=False,
        )

    async def _claims(self, id_token: object, nonce: str, access_token: object) -> dict[str, Any]:
        if not isinstance(id_token, str):
            raise ProviderAway("no id_token")
        try:
            token = await self._verified(id_token)
            claims = CodeIDToken(
                token.claims,
                token.header,
                {
                    "iss": {"essential": True, "value": self.registration.issuer},
                    "aud": {"essential": True, "value": self.registration.client_id},
                },
                {"nonce": nonce, "client_id": self.registration.client_id, "access_token": access_token},
            )
            claims.validate(leeway=LEEWAY_SECONDS)
        except (JoseError, ValueError) as error:
            raise Refused(f"the provider's answer is not for this sign-in ({type(error).__name__})") from None
        return dict(claims)

    async def _more(self, claims: Mapping[str, Any], access_token: object) -> dict[str, Any]:
        """What a provider tells of the person that the id_token does not say."""
        wanted = {"email", "email_verified", self.registration.role_claim or "email"}
        url = (await self._description()).metadata.get("userinfo_endpoint")
        if wanted <= claims.keys() or url is None:
            return {}
        try:
            async with httpx2.AsyncClient(timeout=ANSWER_SECONDS) as http:
                told = await _json(http, url, {"authorization": f"Bearer {access_token}"})
        except (httpx2.HTTPError, ValueError) as error:
            raise ProviderAway(f"no userinfo: {type(error).__name__}") from error
        if told.get("sub") != claims["sub"]:
            raise Refused("the provider tells of somebody else")
        return {name: told[name] for name in wanted - claims.keys() if name in told}

    async def _verified(self, id_token: str) -> Any:
        known = await self._description()
        try:
            return jwt.decode(id_token, known.keys, algorithms=ALGORITHMS)
        except (JoseError, ValueError):
            # It may have changed its keys since.
            self._known = None
            return jwt.decode(id_token, (await self._description()).keys, algorithms=ALGORITHMS)

    def _identity(self, claims: Mapping[str, Any]) -> Identity:
        registration = self.registration
        try:
            email = read_email(str(claims.get("email") or ""))
        except ValueError:
            raise Refused("the provider tells no e-mail address of you", str(claims["sub"])) from None
        # Elsewhere anybody may claim anybody's address.
        if claims.get("email_verified") not in (True, "true"):
            raise Refused("the provider has not verified your e-mail address", email)
        if registration.domains and email.rpartition("@")[2] not in registration.domains:
            raise Refused("people of your domain may not sign in here", email)
        if registration.role_claim is None:
            return Identity(email, None)
        said = claims.get(registration.role_claim)
        values = said if isinstance(said, list) else [said]
        roles = (registration.roles.get(str(value), Role.VIEWER) for value in values)
        return Identity(email, max(roles, default=Role.VIEWER))

    async def _description(self) -> _Known:
        known = self._known
        if known is None or time.monotonic() - known.read_at > KEPT_SECONDS:
            self._known = known = await self._read()
        return known

    async def _read(self) -> _Known:
        issuer = self.registration.issuer
        try:
            async with httpx2.AsyncClient(timeout=ANSWER_SECONDS) as http:
                metadata = await _json(http, f"{issuer.rstrip('/')}/.well-known/openid-configuration")
                if metadata.get("issuer") != issuer:
                    raise ProviderAway(f"it calls itself {metadata.get('issuer')!r}")
                if not {"authorization_endpoint", "token_endpoint", "jwks_uri"} <= metadata.keys():
                    raise ProviderAway("it does not say where to sign in")
                keys = KeySet.import_key_set(await _json(http, metadata["jwks_uri"]))  # type: ignore[arg-type]
        except (httpx2.HTTPError, httpx2.InvalidURL, JoseError, ValueError, TypeError) as error:
            raise ProviderAway(f"{type(error).__name__}") from error
        return _Known(metadata, keys, time.monotonic())


async def _json(http: httpx2.AsyncClient, url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    answer = await http.get(url, headers=headers)
    answer.raise_for_status()
    document: dict[str, Any] = answer.json()
    return document
