"""Signing in by a provider: answers that are forged, replayed, or somebody else's."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import httpx

from tests import oidc
from tests.attacks.on_content import FOREIGN
from tests.attacks.stage import SESSION, Stage, attack
from tests.forged_provider import (
    ForgedProvider,
    forged_provider,
    signed,
    signed_by_another,
    signed_by_nobody,
    signed_by_the_public_key,
)
from tests.served_api import served_api

LOGIN, CALLBACK = "/api/access/oidc/login", "/api/access/oidc/callback"


@contextmanager
def by_provider(stage: Stage) -> Iterator[tuple[httpx.Client, ForgedProvider]]:
    with forged_provider() as provider, served_api(stage.dsn, oidc.settings(provider.issuer)) as client:
        yield client, provider


def begun(client: httpx.Client, provider: ForgedProvider, next_: str = "/") -> dict[str, str]:
    """What the provider would send back for this sign-in."""
    url = urlsplit(client.get(LOGIN, params={"next": next_}).headers["location"])
    sent = {name: values[0] for name, values in parse_qs(url.query).items()}
    provider.nonce = sent["nonce"]
    return {"code": "x", "state": sent["state"]}


def is_refused(client: httpx.Client, answer: dict[str, str]) -> bool:
    refused = client.get(CALLBACK, params=answer)
    return refused.status_code == 403 and client.get(SESSION).json()["name"] is None


@attack("forged identity")
def tokens_that_the_provider_did_not_sign(stage: Stage) -> None:
    with by_provider(stage) as (client, provider):
        for forge in (signed_by_another, signed_by_nobody, signed_by_the_public_key):
            provider.id_token = forge
            assert is_refused(client, begun(client, provider))
        provider.id_token = signed
        assert client.get(CALLBACK, params=begun(client, provider)).status_code == 303


@attack("forged identity")
def a_token_for_somebody_else_or_of_another_time(stage: Stage) -> None:
    wrongs = [
        {"aud": "another client"},
        {"aud": ["otelgres", "another client"], "azp": "another client"},
        {"iss": "https://another.example"},
        {"exp": 1_700_000_000},
        {"nonce": "of another sign-in"},
        {"email_verified": False},
        {"email_verified": None},
        {"email": "adam@example.com\nroot@example.com"},
    ]
    with by_provider(stage) as (client, provider):
        for wrong in wrongs:
            provider.id_token = lambda claims, wrong=wrong: signed(claims | wrong)
            assert is_refused(client, begun(client, provider))


@attack("login CSRF")
def a_callback_of_a_sign_in_that_the_attacker_began(stage: Stage) -> None:
    with by_provider(stage) as (attacker, provider), httpx.Client(base_url=attacker.base_url) as victim:
        theirs = begun(attacker, provider)
        assert is_refused(victim, theirs)
        begun(victim, provider)
        assert is_refused(victim, theirs)


@attack("open redirect")
def a_sign_in_that_goes_on_to_another_site(stage: Stage) -> None:
    with by_provider(stage) as (client, provider):
        for address in FOREIGN:
            answer = client.get(CALLBACK, params=begun(client, provider, address))
            assert (answer.status_code, answer.headers["location"]) == (303, "/")


@attack("replayed sign-in")
def a_callback_used_twice(stage: Stage) -> None:
    with by_provider(stage) as (client, provider):
        answer = begun(client, provider)
        assert client.get(CALLBACK, params=answer).status_code == 303
        client.cookies.delete("otelgres_session")
        assert is_refused(client, answer)
