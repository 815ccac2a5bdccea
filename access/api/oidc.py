"""Signing in by a provider: the browser is sent there, and comes back."""

import logging
from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import RedirectResponse

from access.api.answers import AWAY, Failure, Responses
from access.guards import public
from access.people import signing_in
from access.people.oidc import Provider, ProviderAway, Refused
from access.people.policy import policy_of
from access.people.returning import own_path
from access.transactions import borrowed

PATH = "/api/access/oidc"
ANSWERS: Responses = {
    303: {"description": "Go on there"},
    404: {"model": Failure, "description": "Nobody signs in by a provider here"},
    502: {"model": Failure, "description": "The provider does not answer as one should"},
}
router = APIRouter(prefix="/oidc", tags=["access"], dependencies=[public], responses=AWAY | ANSWERS)
_log = logging.getLogger(__name__)

Next = Annotated[str | None, Query(alias="next", description="A path of ours to go on to.", examples=["/"])]


@router.get("/login", response_class=RedirectResponse, status_code=303)
async def login(request: Request, next_: Next = None) -> RedirectResponse:
    """Sends the browser to the provider."""
    policy, provider = policy_of(request), _provider(request)
    try:
        url, flow = await provider.begin(_callback(request))
    except ProviderAway as error:
        raise _away(error) from None
    async with borrowed(request) as connection:
        await policy.cookies.load(connection)
    answer = RedirectResponse(url, 303)
    policy.cookies.set_flow(answer, {**flow, "next": own_path(next_)}, secure=policy.is_secure(request))
    return answer


@router.get(
    "/callback",
    response_class=RedirectResponse,
    status_code=303,
    responses={403: {"model": Failure, "description": "This person may not sign in, or not so"}},
)
async def callback(
    request: Request, code: str | None = None, state: str | None = None, error: str | None = None
) -> RedirectResponse:
    """Where the provider sends the browser back to. It begins a session, and goes on to where sign-in was asked for."""
    policy, provider = policy_of(request), _provider(request)
    secure, client = policy.is_secure(request), policy.client(request)
    async with borrowed(request) as connection:
        await policy.cookies.load(connection)
    flow = policy.cookies.flow(request, secure=secure)
    if flow is None:
        raise HTTPException(403, "This sign-in was not begun in this browser, or too long ago; begin again")
    given = {name: value for name, value in (("code", code), ("state", state)) if value is not None}
    try:
        identity = await provider.finish(_callback(request), flow, given)
    except Refused as reason:
        await signing_in.refused_by_provider(request, reason.name, client, str(reason))
        raise HTTPException(403, _sentence(reason)) from None
    except ProviderAway as away:
        raise _away(away) from None
    signed_in = await signing_in.by_provider(request, identity, client)
    if signed_in is None:
        await signing_in.refused_by_provider(request, identity.email, client, "account disabled")
        raise HTTPException(403, "This account is disabled")
    answer = RedirectResponse(own_path(flow.get("next")), 303)
    policy.cookies.set_session(answer, signed_in.session, secure=secure)
    policy.cookies.forget_flow(answer, secure=secure)
    return answer


def _provider(request: Request) -> Provider:
    provider = policy_of(request).provider
    if provider is None:
        raise HTTPException(404, "Nobody signs in by a provider here")
    return provider


def _callback(request: Request) -> str:
    """As it is registered with the provider: at the public address, if there is one."""
    return f"{policy_of(request).base_url(request)}{PATH}/callback"


def _away(error: ProviderAway) -> HTTPException:
    _log.warning("the provider of sign-ins does not answer as one should: %s", error)
    return HTTPException(502, "The provider does not answer as one should; the log says how")


def _sentence(reason: Any) -> str:
    text = str(reason)
    return text[:1].upper() + text[1:]
