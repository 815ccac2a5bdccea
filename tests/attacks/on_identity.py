"""Passing for somebody: hosts, headers, origins, guesses, roles."""

import time
from statistics import median

import websockets.sync.client
from pydantic import SecretStr
from websockets.exceptions import InvalidStatus

from access.principals import Role
from tests.access_keys import Made, make
from tests.attacks.stage import ADMIN, SESSION, STREAM, TRACES, USERS, Stage, attack
from tests.polling import until
from tests.signing_in import ADMIN_TOKEN, PASSWORD, PEOPLE

PROXY = {"people": "proxy", "proxy_header": "X-User-Email"}


def opens(url: str, **headers: str) -> bool:
    try:
        with websockets.sync.client.connect(url, additional_headers=headers):
            return True
    except InvalidStatus:
        return False


@attack("DNS rebinding")
def a_page_whose_name_became_127_0_0_1_reads_an_open_server(stage: Stage) -> None:
    with stage.other_api() as client:
        for host in ("evil.example", "localhost.evil.example", "127.0.0.1.evil.example:8000"):
            assert client.get(TRACES, headers={"host": host}).status_code == 403
        assert client.get(TRACES).status_code == 200


@attack("DNS rebinding")
def such_a_page_opens_a_websocket(stage: Stage) -> None:
    with stage.other_api() as client:
        url = str(client.base_url.join(STREAM)).replace("http://", "ws://")
        assert not opens(url, host="evil.example", origin="http://evil.example")
        assert opens(url)


@attack("DNS rebinding")
def such_a_page_names_itself_by_the_header_of_a_proxy_on_this_machine(stage: Stage) -> None:
    with stage.other_api(**PROXY, trusted_proxies="127.0.0.1") as client:
        named = {"x-user-email": PEOPLE[Role.ADMIN]}
        assert client.get(USERS, headers=named | {"host": "evil.example"}).status_code == 403
        assert client.get(USERS, headers=named).status_code == 200


@attack("header spoofing")
def the_proxys_header_from_somebody_else(stage: Stage) -> None:
    with stage.other_api(**PROXY, trusted_proxies="192.0.2.1") as client:
        forged = {"x-user-email": PEOPLE[Role.ADMIN], "x-forwarded-for": "192.0.2.1", "forwarded": "for=192.0.2.1"}
        assert client.get(USERS, headers=forged).status_code == 403


@attack("header spoofing")
def the_proxys_header_twice_one_of_them_smuggled_through(stage: Stage) -> None:
    with stage.other_api(**PROXY, trusted_proxies="127.0.0.1") as client:
        twice = [("x-user-email", PEOPLE[Role.ADMIN]), ("x-user-email", "real@example.com")]
        assert client.get(TRACES, headers=twice).status_code == 403


@attack("header spoofing")
def another_address_with_each_guess_to_escape_throttling(stage: Stage) -> None:
    with stage.browser() as client:
        statuses = []
        for number in range(23):
            credentials = {"email": f"guess{number}@example.com", "password": "x"}
            spoofed = {"x-forwarded-for": f"10.0.0.{number}", "x-real-ip": f"10.0.0.{number}"}
            statuses.append(client.post(SESSION, json=credentials, headers=spoofed).status_code)
        assert statuses[-1] == 429


@attack("WebSocket from a foreign origin")
def another_sites_page_opens_the_stream_with_the_victims_cookie(stage: Stage) -> None:
    with stage.signed_in(Role.VIEWER) as victim:
        cookie = "; ".join(f"{name}={value}" for name, value in victim.cookies.items())
        assert not opens(stage.socket_url(), cookie=cookie, origin="https://evil.example")
        assert opens(stage.socket_url(), cookie=cookie, origin=str(stage.url).rstrip("/"))


@attack("WebSocket from a foreign origin")
def a_page_without_an_origin_of_its_own(stage: Stage) -> None:
    with stage.signed_in(Role.VIEWER) as victim:
        cookie = "; ".join(f"{name}={value}" for name, value in victim.cookies.items())
        assert not opens(stage.socket_url(), cookie=cookie, origin="null")


@attack("WebSocket from a foreign origin")
def a_browser_that_sends_the_password_it_knows(stage: Stage) -> None:
    with stage.other_api(admin_token=SecretStr(ADMIN_TOKEN)) as client:
        url = str(client.base_url.join(STREAM)).replace("http://", "ws://")
        assert not opens(url, authorization=ADMIN["authorization"], origin="http://evil.example")
        assert opens(url, authorization=ADMIN["authorization"])


@attack("key guessing")
def the_id_of_a_key_with_another_secret(stage: Stage) -> None:
    key = make(stage.dsn, "guessed", ["read"])
    _, id_, secret = key.text.split("_", 2)
    with stage.browser() as client:
        until(lambda: client.get(TRACES, headers=key.bearer).status_code == 200)
        for guess in (secret[:-1], secret + "A", secret.swapcase(), "A" * len(secret), "", secret + "\u00e9"):
            presented = Made(id_, f"otg_{id_}_{guess}").bearer["authorization"].encode()
            assert client.get(TRACES, headers={"authorization": presented}).status_code == 401


@attack("key guessing")
def the_secret_of_a_key_with_the_id_of_a_mightier_one(stage: Stage) -> None:
    read, write = make(stage.dsn, "weak", ["read"]), make(stage.dsn, "mighty", ["write"])
    with stage.browser() as client:
        until(lambda: client.get(TRACES, headers=write.bearer).status_code == 200)
        mixed = f"otg_{write.id}_{read.text.split('_', 2)[2]}"
        assert client.get(TRACES, headers={"authorization": f"Bearer {mixed}"}).status_code == 401


@attack("key guessing")
def what_the_database_holds_of_a_key(stage: Stage) -> None:
    key = make(stage.dsn, "read from a dump", ["write"])
    digest = stage.sql("SELECT encode(digest, 'hex') AS digest FROM enterprise.access_keys WHERE id = $1", key.id)
    with stage.browser() as client:
        until(lambda: client.get(TRACES, headers=key.bearer).status_code == 200)
        stolen = {"authorization": f"Bearer otg_{key.id}_{digest[0]['digest']}"}
        assert client.get(TRACES, headers=stolen).status_code == 401


@attack("password guessing")
def many_guesses_at_one_account(stage: Stage) -> None:
    with stage.browser() as client:
        credentials = {"email": PEOPLE[Role.ADMIN], "password": "a guess, a guess"}
        statuses = [client.post(SESSION, json=credentials).status_code for _ in range(8)]
        assert statuses[-1] == 429
        right = credentials | {"password": PASSWORD}
        assert client.post(SESSION, json=right).status_code == 429


@attack("timing of look-ups")
def unknown_accounts_told_from_known_ones_by_the_time_it_takes(stage: Stage) -> None:
    def seconds(email: str) -> float:
        stage.sql("DELETE FROM enterprise.sign_in_attempts")
        begun = time.perf_counter()
        with stage.browser() as client:
            assert client.post(SESSION, json={"email": email, "password": "wrong wrong"}).status_code == 401
        return time.perf_counter() - begun

    pairs = [(seconds(PEOPLE[Role.ADMIN]), seconds("nobody@example.com")) for _ in range(7)]
    known, unknown = (median(pair[which] for pair in pairs) for which in (0, 1))
    # Without the work of argon2 an answer takes a tenth of that.
    assert 0.6 < unknown / known < 1.6


@attack("timing of look-ups")
def disabled_accounts_told_from_others_by_what_is_answered(stage: Stage) -> None:
    stage.sql("INSERT INTO enterprise.people (email, role, disabled_at) VALUES ('off@example.com', 'admin', now())")
    with stage.browser() as client:
        answers = [
            client.post(SESSION, json={"email": email, "password": PASSWORD})
            for email in ("off@example.com", "never@example.com")
        ]
    assert len({(answer.status_code, answer.content, *answer.headers.keys()) for answer in answers}) == 1


@attack("escalation")
def a_viewer_who_makes_themselves_admin(stage: Stage) -> None:
    with stage.signed_in(Role.VIEWER) as viewer:
        assert viewer.patch(f"{USERS}/{PEOPLE[Role.VIEWER]}", json={"role": "admin"}).status_code == 403
        more = {"email": PEOPLE[Role.VIEWER], "password": PASSWORD, "role": "admin"}
        assert viewer.post(SESSION, json=more).status_code == 422
        assert viewer.get(SESSION).json()["role"] == "viewer"


@attack("escalation")
def an_editor_who_makes_a_key_or_another_account(stage: Stage) -> None:
    with stage.signed_in(Role.EDITOR) as editor:
        assert editor.post("/api/access/keys", json={"name": "mine", "scopes": ["write"]}).status_code == 403
        assert editor.post(USERS, json={"email": "accomplice@example.com", "role": "admin"}).status_code == 403


@attack("escalation")
def another_method_hidden_in_a_header(stage: Stage) -> None:
    with stage.signed_in(Role.VIEWER) as viewer:
        hidden = {"x-http-method-override": "PATCH", "x-method-override": "PATCH", "x-original-url": USERS}
        answer = viewer.post(f"{USERS}/{PEOPLE[Role.VIEWER]}", json={"role": "admin"}, headers=hidden)
        assert answer.status_code == 405
        assert viewer.get(SESSION, headers=hidden).json()["role"] == "viewer"
