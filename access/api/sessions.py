"""/api/access/session: who one is, signing in, signing out."""

from typing import Annotated, Literal

from fastapi import APIRouter, HTTPException, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from access import audit
from access.api.answers import AWAY, REFUSED, UNREADABLE, Done, Failure, Responses
from access.api.discretion import Discreet
from access.guards import principal, public
from access.people import sessions, signing_in
from access.people.accounts import Email
from access.people.passwords import LONGEST
from access.people.policy import Mode, policy_of
from access.people.throttling import TooMany
from access.principals import Principal
from access.transactions import transaction

WRONG = "E-mail address or password is wrong"
ELSEWHERE = "Nobody signs in by a password here"
SIGN_IN: Responses = {
    401: {"model": Failure, "description": WRONG},
    409: {"model": Failure, "description": ELSEWHERE},
    429: {"model": Failure, "description": "Too many attempts; Retry-After says when the next one is heard"},
}
MOST_BYTES = 16 * 1024
router = APIRouter(
    prefix="/session",
    tags=["access"],
    dependencies=[public],
    responses=AWAY,
    route_class=Discreet,
    max_body_size=MOST_BYTES,
)


class Session(BaseModel):
    """Who the caller is, and how people come in here."""

    model_config = ConfigDict(extra="forbid")

    name: str | None = Field(
        examples=["ann@example.com"],
        description="E-mail address of a person, `key:<name>` or `admin token`; null where nobody has said.",
    )
    role: Literal["viewer", "editor", "admin"] | None = Field(
        examples=["editor"], description="Null: not signed in, and without that nothing is to be seen."
    )
    kind: Literal["open", "person", "key", "token", "proxy"] | None = Field(
        examples=["person"], description="By what; `open` where nobody has to say who they are."
    )
    csrf: str | None = Field(
        examples=["6b1c…"], description="What changes of a signed-in browser carry as X-Otelgres-CSRF."
    )
    people: Literal["open", "accounts", "oidc", "proxy"] = Field(
        examples=["accounts"],
        description="How people come in: `accounts` by POST here, `oidc` by GET /api/access/oidc/login.",
    )


class Credentials(BaseModel):
    """Of an account."""

    model_config = ConfigDict(extra="forbid")

    email: Email
    password: Annotated[SecretStr, Field(max_length=LONGEST)]


@router.get("", response_model=Session)
async def who_am_i(request: Request) -> Session:
    """Who the caller is."""
    policy, caller = policy_of(request), principal(request)
    csrf = None
    if caller is not None and caller.kind == "person":
        id_ = policy.cookies.session(request, secure=policy.is_secure(request))
        csrf = policy.cookies.csrf(id_) if id_ else None
    return _session(policy.mode, caller, csrf)


@router.post("", response_model=Session, responses=SIGN_IN | UNREADABLE | REFUSED)
async def sign_in(request: Request, response: Response, given: Credentials) -> Session:
    """Signs in by an account; the cookie of the answer stands for the person from then on."""
    policy = policy_of(request)
    if policy.mode is not Mode.ACCOUNTS:
        raise HTTPException(409, ELSEWHERE)
    client = policy.client(request)
    try:
        signed_in = await signing_in.by_password(request, given.email, given.password.get_secret_value(), client)
    except TooMany as refusal:
        detail = f"Too many attempts: try again in {refusal.seconds} s"
        raise HTTPException(429, detail, headers={"retry-after": str(refusal.seconds)}) from None
    if signed_in is None:
        raise HTTPException(401, WRONG)
    policy.cookies.set_session(response, signed_in.session, secure=policy.is_secure(request))
    return _session(policy.mode, signed_in.person, policy.cookies.csrf(signed_in.session))


@router.delete("", response_model=Done, responses=REFUSED)
async def sign_out(request: Request, response: Response) -> Done:
    """Ends the session that the browser is in, if it is in one."""
    policy = policy_of(request)
    secure = policy.is_secure(request)
    caller = principal(request)
    if caller is not None and caller.kind == "person":
        id_ = policy.cookies.session(request, secure=secure)
        async with transaction(request) as connection:
            email = await sessions.end(connection, id_ or "")
            if email is not None:
                await audit.write(
                    connection,
                    actor=email,
                    action="session.signed_out",
                    subject=email,
                    detail={},
                    client=policy.client(request).address,
                )
    policy.cookies.forget_session(response, secure=secure)
    return Done(message="Signed out")


def _session(mode: Mode, caller: Principal | None, csrf: str | None) -> Session:
    return Session.model_validate(
        {
            "name": caller and caller.name,
            "role": str(caller.role) if caller else None,
            "kind": caller and caller.kind,
            "csrf": csrf,
            "people": mode.value,
        }
    )
