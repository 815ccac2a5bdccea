"""A real mail server that asks for STARTTLS and a login where it has it, and refuses whom it is told to refuse."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

import trustme
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

USER, PASSWORD = "otelgres", "correct horse"


@dataclass
class MailServer:
    """refusals: answers to recipients, by address; changed at will. mails: recipients and message of each."""

    refusals: dict[str, str]
    data_answer: str = "250 OK"
    mails: list[tuple[list[str], EmailMessage]] = field(default_factory=list)
    logins: list[str] = field(default_factory=list)
    port: int = 0
    authority: trustme.CA = field(default_factory=trustme.CA)
    # Of a client that trusts the authority.
    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        assert isinstance(envelope.content, bytes)
        if self.data_answer.startswith("250"):
            mail = message_from_bytes(envelope.content, policy=default)
            assert isinstance(mail, EmailMessage)
            self.mails.append((envelope.rcpt_tos, mail))
        return self.data_answer

    def authenticate(self, server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
        self.logins.append(data.login.decode())
        # Not handled: the server itself is to answer what a failure is.
        return AuthResult(success=(data.login, data.password) == (USER.encode(), PASSWORD.encode()), handled=False)


@asynccontextmanager
async def mail_server(
    refusals: Mapping[str, str] | None = None, *, implicit_tls: bool = False, starttls: bool = True
) -> AsyncIterator[MailServer]:
    """At `localhost` on a free port."""
    serving = MailServer(dict(refusals or {}))
    serving.authority.configure_trust(serving.tls)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    serving.authority.issue_cert("localhost").configure_cert(context)

    def protocol() -> SMTP:
        return SMTP(
            serving,
            hostname="mail.test",
            tls_context=context if starttls and not implicit_tls else None,
            require_starttls=starttls and not implicit_tls,
            auth_required=starttls and not implicit_tls,
            authenticator=serving.authenticate,
        )

    server = await asyncio.get_running_loop().create_server(
        protocol, "localhost", 0, ssl=context if implicit_tls else None, family=2
    )
    serving.port = server.sockets[0].getsockname()[1]
    try:
        yield serving
    finally:
        server.close()
