"""Sessions: planted, forged, used again, ridden by other sites."""

import httpx
from itsdangerous import URLSafeTimedSerializer

from access.principals import Role
from tests.access_keys import make, take_back
from tests.attacks.stage import ADMIN, SESSION, TRACES, USERS, VIEWS, Stage, attack
from tests.polling import until
from tests.signing_in import PASSWORD, PEOPLE, add_person, sign_in

COOKIE = "otelgres_session"
VIEW = {"name": "planted", "page": "logs"}


def who(client: httpx.Client, cookie: str) -> str | None:
    name: str | None = client.get(SESSION, headers={"cookie": f"{COOKIE}={cookie}"}).json()["name"]
    return name


@attack("session fixation")
def the_attackers_session_planted_before_the_victim_signs_in(stage: Stage) -> None:
    with stage.signed_in(Role.VIEWER) as attacker, stage.browser() as victim, stage.browser() as anybody:
        planted = attacker.cookies[COOKIE]
        victim.cookies.set(COOKIE, planted)
        victim.headers["x-otelgres-csrf"] = attacker.headers["x-otelgres-csrf"]
        credentials = {"email": PEOPLE[Role.ADMIN], "password": PASSWORD}
        answer = victim.post(SESSION, json=credentials)
        fresh = answer.headers["set-cookie"].partition(";")[0].partition("=")[2]
        assert fresh != planted
        assert who(anybody, fresh) == PEOPLE[Role.ADMIN]
        assert who(anybody, planted) is None


@attack("session fixation")
def an_id_of_ones_own_choosing_signed_by_a_key_of_ones_own(stage: Stage) -> None:
    with stage.browser() as client:
        forged = URLSafeTimedSerializer("my key", salt="otelgres otelgres_session").dumps("x" * 43)
        for cookie in ("x" * 43, forged, "", ".."):
            assert who(client, cookie) is None


@attack("session fixation")
def the_payload_of_a_genuine_cookie_exchanged(stage: Stage) -> None:
    with stage.signed_in(Role.VIEWER) as viewer, stage.signed_in(Role.ADMIN) as admin, stage.browser() as client:
        mine, theirs = viewer.cookies[COOKIE].split("."), admin.cookies[COOKIE].split(".")
        assert who(client, ".".join([theirs[0], *mine[1:]])) is None


@attack("replay")
def the_cookie_of_a_session_that_was_signed_out(stage: Stage) -> None:
    with stage.signed_in(Role.ADMIN) as client:
        cookie = client.cookies[COOKIE]
        client.delete(SESSION)
        assert client.get(TRACES, headers={"cookie": f"{COOKIE}={cookie}"}).status_code == 401


@attack("replay")
def the_cookie_from_before_a_new_password(stage: Stage) -> None:
    add_person(stage.dsn, "replayed@example.com", Role.EDITOR)
    with stage.browser() as client, stage.browser() as admin:
        sign_in(client, "replayed@example.com")
        admin.patch(f"{USERS}/replayed@example.com", json={"password": "a new path through woods"}, headers=ADMIN)
        assert client.get(TRACES).status_code == 401


@attack("replay")
def a_key_that_was_revoked(stage: Stage) -> None:
    key = make(stage.dsn, "replayed", ["write"])
    with stage.browser() as client:
        until(lambda: client.get(TRACES, headers=key.bearer).status_code == 200)
        take_back(stage.dsn, key)
        until(lambda: client.get(TRACES, headers=key.bearer).status_code == 401)


@attack("CSRF")
def a_form_of_another_site_that_the_browser_sends_with_its_cookie(stage: Stage) -> None:
    with stage.signed_in(Role.ADMIN) as victim:
        for origin in ("https://evil.example", "null", f"{stage.url.scheme}://{stage.url.host}:1"):
            answer = victim.post(VIEWS, json=VIEW, headers={"origin": origin})
            assert answer.status_code == 403


@attack("CSRF")
def a_change_without_the_token_from_a_client_that_sends_no_origin(stage: Stage) -> None:
    with stage.signed_in(Role.ADMIN) as victim:
        del victim.headers["origin"], victim.headers["x-otelgres-csrf"]
        assert victim.post(USERS, json={"email": "x@example.com", "role": "admin"}).status_code == 403
        assert victim.delete(SESSION).status_code == 403
        assert victim.get(TRACES).status_code == 200


@attack("CSRF")
def a_change_with_the_token_of_another_session(stage: Stage) -> None:
    with stage.signed_in(Role.VIEWER) as attacker, stage.signed_in(Role.ADMIN) as victim:
        theirs = {"x-otelgres-csrf": attacker.headers["x-otelgres-csrf"]}
        assert victim.post(VIEWS, json=VIEW, headers=theirs).status_code == 403


@attack("login CSRF")
def signing_the_victim_in_as_the_attacker_from_another_site(stage: Stage) -> None:
    with stage.browser() as victim:
        credentials = {"email": PEOPLE[Role.VIEWER], "password": PASSWORD}
        answer = victim.post(SESSION, json=credentials, headers={"origin": "https://evil.example"})
        assert answer.status_code == 403
        assert "set-cookie" not in answer.headers


@attack("login CSRF")
def signing_in_by_a_form_which_needs_no_leave_of_ours(stage: Stage) -> None:
    with stage.browser() as victim:
        body = f'{{"email":"{PEOPLE[Role.VIEWER]}","password":"{PASSWORD}"}}'
        answer = victim.post(SESSION, content=body, headers={"content-type": "text/plain"})
        assert answer.status_code == 422
        assert "set-cookie" not in answer.headers
