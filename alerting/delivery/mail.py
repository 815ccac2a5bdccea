"""E-mail, by a mail server. Settings: to (addresses), from, host, port, user, tls. Secrets: password.

tls: `starttls`, `tls` (from the first byte on) or `none`; without it `tls` on port 465, else `starttls`. It logs in
only with user and password. One message goes to all; those who were told are not told again when others are.
"""

import ssl
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import aiosmtplib

from alerting.delivery.channels import Channel, Unconfigured
from alerting.delivery.mail_message import composed
from alerting.delivery.message import Message
from alerting.delivery.outcome import Outcome, failed, refused, told
from alerting.delivery.wording import one_line

DEFAULT_PORT, TLS_PORT = 587, 465
TLS_MODES = ("starttls", "tls", "none")
QUIT_SECONDS = 1.0


async def send(channel: Channel, message: Message, seconds: float, tls: ssl.SSLContext) -> Outcome:
    """Told when the server took it for one recipient at least; the others are in the error."""
    recipients = _recipients(channel)
    left = [recipient for recipient in recipients if recipient not in message.done]
    if not left:
        return told()
    sender = str(channel.setting("from"))
    try:
        mail = composed(message, sender, recipients)
        content = mail.as_bytes()
    except (ValueError, UnicodeError) as error:
        return refused(f"the message cannot be written: {one_line(str(error))}")
    try:
        client = await _connected(channel, seconds, tls)
        try:
            errors = await _sent(client, sender, left, content)
        finally:
            # Whether the message was taken is known by now; a server that hangs up after it changes nothing.
            with suppress(aiosmtplib.SMTPException, OSError):
                await client.quit(timeout=QUIT_SECONDS)
            client.close()
    except aiosmtplib.SMTPResponseException as error:
        return (refused if _is_final(error.code) else failed)(f"the mail server answered {_answer(error)}")
    except aiosmtplib.SMTPTimeoutError:
        return failed("the mail server did not answer in time")
    except OSError as error:
        return failed(f"the mail server cannot be reached: {one_line(str(error)) or type(error).__name__}")
    except aiosmtplib.SMTPException as error:
        return refused(f"the mail server cannot do what the channel asks for: {one_line(error.message)}")
    except (ValueError, UnicodeError) as error:
        return refused(f"the addresses of the channel cannot be used: {one_line(str(error))}")
    return _outcome(left, errors)


def _recipients(channel: Channel) -> list[str]:
    to = channel.setting("to")
    return to.split(",") if isinstance(to, str) else [str(recipient).strip() for recipient in to]


async def _connected(channel: Channel, seconds: float, tls: ssl.SSLContext) -> aiosmtplib.SMTP:
    settings = channel.settings
    port = int(settings.get("port") or DEFAULT_PORT)
    mode = settings.get("tls") or ("tls" if port == TLS_PORT else "starttls")
    if mode not in TLS_MODES:
        raise Unconfigured(f"the channel {channel.name} is not configured: tls must be one of {', '.join(TLS_MODES)}")
    user, password = settings.get("user"), channel.secrets.get("password")
    login: dict[str, Any] = {"username": user, "password": password} if user and password else {}
    client = aiosmtplib.SMTP(
        hostname=channel.setting("host"),
        port=port,
        use_tls=mode == "tls",
        start_tls=mode == "starttls",
        tls_context=tls,
        timeout=seconds,
        **login,
    )
    try:
        await client.connect()
    except BaseException:
        client.close()
        raise
    return client


async def _sent(
    client: aiosmtplib.SMTP, sender: str, recipients: Sequence[str], content: bytes
) -> dict[str, tuple[int, str]]:
    """Code and text by recipient that was refused."""
    try:
        errors, _ = await client.sendmail(sender, recipients, content)
    except aiosmtplib.SMTPRecipientsRefused as refusal:
        return {each.recipient: (each.code, each.message) for each in refusal.recipients}
    return {recipient: (answer.code, answer.message) for recipient, answer in errors.items()}


def _outcome(recipients: Sequence[str], errors: dict[str, tuple[int, str]]) -> Outcome:
    done = tuple(recipient for recipient in recipients if recipient not in errors)
    if not errors:
        return Outcome(told=True, done=done)
    listed = ", ".join(f"{recipient} ({code} {one_line(text)})" for recipient, (code, text) in errors.items())
    return Outcome(
        told=bool(done),
        error=f"{len(errors)} of {len(recipients)} recipients refused by the mail server: {listed}",
        again=not all(_is_final(code) for code, _ in errors.values()),
        done=done + tuple(recipient for recipient, (code, _) in errors.items() if _is_final(code)),
        detail={"refused": {recipient: f"{code} {one_line(text)}" for recipient, (code, text) in errors.items()}},
    )


def _is_final(code: int) -> bool:
    return code >= 500


def _answer(error: aiosmtplib.SMTPResponseException) -> str:
    return f"{error.code} {one_line(error.message)}"
