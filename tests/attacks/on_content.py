"""What is sent as data and shall work as something else: SQL, templates, paths, addresses, scripts, log lines."""

import io
import logging
from collections.abc import Iterator
from contextlib import contextmanager

from access.principals import Role
from server.log_lines import handler
from tests.attacks.stage import ADMIN, RULES, SESSION, TRACES, USERS, VIEWS, Stage, attack
from tests.signing_in import PASSWORD, PEOPLE, sign_in

SCRIPT = "<script>alert(document.cookie)</script>"
FOREIGN = (
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "\\\\evil.example",
    "/\t/evil.example",
    "javascript:alert(1)",
)


@attack("path traversal")
def files_beside_those_of_the_pages(stage: Stage) -> None:
    for path in (b"/static/../settings.py", b"/static/%2e%2e/settings.py", b"/static/..%2f..%2fpyproject.toml"):
        answer = stage.raw(b"GET " + path + b" HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        assert answer.split()[1] in (b"401", b"404")
        assert b"OTELGRES" not in answer


@attack("path traversal")
def a_guarded_route_by_way_of_a_public_one(stage: Stage) -> None:
    for path in (
        b"/static/../api/access/users",
        b"/static/%2e%2e/api/access/users",
        b"/healthz/../api/access/users",
        b"/api/access/session/../users",
        b"//api/access/users",
        b"/api//access/users",
        b"/API/access/users",
        b"/api/access/users/",
        b"/api/access/users%2f",
        b"/api/access/users;/static/",
        b"http://x/api/access/users",
    ):
        answer = stage.raw(b"GET " + path + b" HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n")
        assert answer.split()[1] in (b"400", b"401", b"404")


@attack("SQL injection")
def a_sign_in_whose_name_is_a_condition(stage: Stage) -> None:
    with stage.browser() as client:
        for email in ("' OR '1'='1' --", "x@y' OR role='admin", f"{PEOPLE[Role.ADMIN]}'--"):
            answer = client.post(SESSION, json={"email": email, "password": "' OR '1'='1"})
            assert answer.status_code in (401, 422)


@attack("SQL injection")
def filters_and_cursors_that_end_the_statement(stage: Stage) -> None:
    evil = "x'; DROP TABLE enterprise.people; --"
    with stage.browser() as client:
        audit = client.get("/api/access/audit", params={"actor": evil, "subject": evil}, headers=ADMIN)
        assert audit.json()["audit"] == []
        assert client.get(USERS, params={"cursor": evil}, headers=ADMIN).status_code == 200
        assert client.get("/api/access/audit", params={"cursor": evil}, headers=ADMIN).status_code == 422
    assert stage.sql("SELECT count(*) FROM enterprise.people")[0]["count"] >= 3


@attack("template injection")
def names_that_are_expressions_of_template_languages(stage: Stage) -> None:
    name = "{{7*7}} ${7*7} #{7*7} <%= 7*7 %> {0.__class__} %(threshold)s"
    rule = {"name": name, "metric_type": "error_rate", "condition": "gt", "threshold": 5, "enabled": False}
    with stage.signed_in(Role.EDITOR) as editor:
        added = editor.post(RULES, json=rule).json()
        assert editor.get(f"{RULES}/{added['id']}").json()["name"] == name


@attack("open redirect")
def the_page_to_sign_in_at_told_to_go_on_elsewhere(stage: Stage) -> None:
    with stage.browser() as client:
        for path in ("//evil.example/", "/\\evil.example/", "/%5cevil.example", "/?next=//evil.example"):
            answer = client.get(str(stage.url).rstrip("/") + path, headers={"accept": "text/html"})
            if answer.is_redirect:
                location = answer.headers["location"]
                assert location.startswith("/admin/sign-in?next=/")
                assert not location.removeprefix("/admin/sign-in?next=").startswith(("//", "/\\", "/%5c"))


@attack("response splitting")
def line_breaks_in_an_address_that_is_answered_with_a_redirect(stage: Stage) -> None:
    with stage.browser() as client:
        answer = client.get("/x%0d%0aset-cookie:%20planted=1", headers={"accept": "text/html"})
        assert answer.status_code == 303
        assert "set-cookie" not in answer.headers
        assert "\n" not in answer.headers["location"]


@attack("stored XSS by telemetry")
def a_log_whose_message_is_a_script(stage: Stage) -> None:
    stage.sql(
        "INSERT INTO enterprise.structured_logs (timestamp, level, logger_name, message) "
        "VALUES (now(), 'ERROR', 'shop', $1)",
        SCRIPT,
    )
    with stage.signed_in(Role.VIEWER) as viewer:
        answer = viewer.get("/api/observability/logs", headers={"accept": "text/html"})
        assert SCRIPT in answer.json()["logs"][0]["message"]
        assert answer.headers["content-type"].startswith("application/json")
        assert answer.headers["x-content-type-options"] == "nosniff"
        policy = answer.headers["content-security-policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy


@attack("stored XSS by telemetry")
def an_account_or_a_sign_in_whose_name_is_a_script(stage: Stage) -> None:
    for email in ("<img/src/onerror=alert(1)>@x", '"><svg/onload=alert(1)>@x', "javascript:alert(1)"):
        with stage.browser() as client:
            assert client.post(USERS, json={"email": email}, headers=ADMIN).status_code == 422
            assert client.post(SESSION, json={"email": email, "password": "x"}).status_code == 422


@attack("stored XSS by telemetry")
def a_user_agent_that_is_a_script_in_the_audit(stage: Stage) -> None:
    with stage.browser() as client:
        client.headers["user-agent"] = SCRIPT
        sign_in(client, PEOPLE[Role.VIEWER])
        audit = client.get("/api/access/audit", params={"action": "session.signed_in"}, headers=ADMIN)
        assert audit.json()["audit"][0]["detail"] == {"agent": SCRIPT}
        assert audit.headers["content-type"] == "application/json"


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """What the log would show."""
    stream = io.StringIO()
    writing = handler(stream)
    logging.getLogger().addHandler(writing)
    try:
        yield stream
    finally:
        logging.getLogger().removeHandler(writing)


@attack("log injection")
def line_breaks_in_whatever_may_be_logged(stage: Stage) -> None:
    forged = "\n2026-01-01 00:00:00,000 ERROR   server: forged"
    with logged() as log, stage.browser() as client:
        client.post(SESSION, json={"email": f"a@b{forged}", "password": forged})
        client.get(TRACES, params={"user_email": forged}, headers=ADMIN)
        client.post(VIEWS, params={"user_email": forged}, json={"name": forged, "page": "logs"}, headers=ADMIN)
        logging.getLogger("server").warning("request failed: %s", f"what came was {forged!s}")
        lines = log.getvalue().splitlines()
    assert lines
    assert not [line for line in lines if line.startswith("2026-01-01")]


@attack("log injection")
def escape_sequences_for_the_terminal_that_shows_the_log(stage: Stage) -> None:
    with logged() as log:
        logging.getLogger("server").warning("request failed: %s", "\x1b]0;owned\x07\x1b[2J\x9b31m\u2028")
    assert not set("\x1b\x07\x9b\u2028") & set(log.getvalue())


BODIES: tuple[dict[str, object], ...] = (
    {"password": PASSWORD},
    {"email": "no address", "password": PASSWORD},
    {"email": 1, "password": [PASSWORD]},
)


@attack("secrets told back")
def a_mistake_in_a_body_with_a_password(stage: Stage) -> None:
    with stage.browser() as client:
        for body in (
            {"password": PASSWORD},
            {"email": "no address", "password": PASSWORD},
            {"email": 1, "password": [PASSWORD]},
        ):
            for path in (SESSION, USERS):
                answer = client.post(path, json=body, headers=ADMIN)
                assert answer.status_code == 422
                assert PASSWORD not in answer.text
