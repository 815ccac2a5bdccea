"""The mail about a notice: plain text, and the same as HTML."""

import hashlib
from collections.abc import Iterable, Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr
from html import escape

from alerting.delivery import wording
from alerting.delivery.message import Message
from alerting.notices import Item, Told

DOMAIN = "otelgres.invalid"
_RED, _ORANGE, _GREEN = "#c62828", "#e65100", "#2e7d32"
_FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_MONO = "font-family:'JetBrains Mono',Consolas,Menlo,monospace"


def composed(message: Message, sender: str, recipients: Sequence[str]) -> EmailMessage:
    """The whole mail, the same at each attempt, so that a mail program can tell a repetition.

    Mails of one group make one conversation. Raises ValueError for an address that is none.
    """
    mail = EmailMessage(policy=SMTP)
    mail["Subject"] = wording.one_line(f"[{wording.severity(message).upper()}] {wording.headline(message)}")
    mail["From"] = _address(sender)
    mail["To"] = [_address(recipient) for recipient in recipients]
    mail["Date"] = format_datetime(message.created_at)
    mail["Message-ID"] = f"<{message.id}@{DOMAIN}>"
    mail["References"] = f"<{hashlib.blake2b(message.group_key.encode(), digest_size=16).hexdigest()}@{DOMAIN}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(wording.plain(message))
    mail.add_alternative(page(message), subtype="html")
    return mail


def page(message: Message) -> str:
    """The HTML part. All styles stand in the elements, for mail programs drop others."""
    items, left = wording.shown(message)
    blocks = "".join(_block(message, item) for item in items)
    rest = f'<p style="margin:0;padding:16px 24px;color:#616161">{escape(wording.more(left))}</p>' if left else ""
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><meta name="color-scheme" content="light"></head>'
        f'<body style="margin:0;padding:24px 12px;background:#f2f3f5;{_FONT};font-size:15px;line-height:1.45;'
        'color:#212121">'
        '<div style="max-width:640px;margin:0 auto;background:#ffffff;border-radius:6px;overflow:hidden">'
        f'<h1 style="margin:0;padding:16px 24px;background:{_colour(message)};color:#ffffff;font-size:20px;'
        f'font-weight:600;overflow-wrap:anywhere">{escape(wording.headline(message))}</h1>'
        f"{blocks}{rest}</div>"
        '<p style="max-width:640px;margin:12px auto 0;padding:0 24px;color:#616161;font-size:12px">'
        f"Otelgres, notice {message.id}</p></body></html>\n"
    )


def _block(message: Message, item: Item) -> str:
    heading = _heading(message, item) if len(message.items) > 1 else ""
    rows = "".join(_row(name, value) for name, value in wording.facts(item))
    return (
        '<div style="padding:20px 24px;border-bottom:1px solid #e0e0e0">'
        f'{heading}<p style="margin:0 0 16px;overflow-wrap:anywhere">{_broken(wording.cut(item.message))}</p>'
        f'<table role="presentation" style="border-collapse:collapse;width:100%;font-size:14px">{rows}</table>'
        f"{_samples(wording.samples(item))}{_links(wording.links(item))}</div>"
    )


def _heading(message: Message, item: Item) -> str:
    text = escape(wording.title(message, item) + wording.news(message, item))
    return (
        f'<h2 style="margin:0 0 8px;padding:0 0 0 10px;border-left:4px solid {_item_colour(item)};font-size:16px;'
        f'font-weight:600;overflow-wrap:anywhere">{text}</h2>'
    )


def _row(name: str, value: str) -> str:
    return (
        '<tr><td style="padding:4px 16px 4px 0;color:#616161;vertical-align:top;white-space:nowrap">'
        f"{escape(name)}</td>"
        f'<td style="padding:4px 0;width:100%;overflow-wrap:anywhere">{_broken(value)}</td></tr>'
    )


def _samples(lines: Sequence[str]) -> str:
    if not lines:
        return ""
    text = "<br>".join(escape(line) for line in lines)
    return (
        f'<p style="margin:16px 0 0;padding:12px;background:#f5f5f5;border-radius:4px;{_MONO};font-size:12px;'
        f'overflow-wrap:anywhere">{text}</p>'
    )


def _links(addresses: Iterable[tuple[str, str]]) -> str:
    made = "".join(_link(name, address) for name, address in addresses)
    return f'<p style="margin:16px 0 0">{made}</p>' if made else ""


def _link(name: str, address: str) -> str:
    if not wording.is_web(address):
        return f'<span style="margin-right:16px;color:#616161">{escape(name)}: {escape(address)}</span>'
    return (
        f'<a href="{escape(address)}" style="display:inline-block;margin:0 8px 8px 0;padding:6px 14px;'
        f'border:1px solid #bdbdbd;border-radius:4px;color:#1565c0;text-decoration:none">{escape(name)}</a>'
    )


def _broken(text: str) -> str:
    return escape(text).replace("\n", "<br>")


def _colour(message: Message) -> str:
    if message.resolved:
        return _GREEN
    return _RED if wording.severity(message) == "critical" else _ORANGE


def _item_colour(item: Item) -> str:
    if item.told is Told.RESOLVED:
        return _GREEN
    return _RED if item.severity == "critical" else _ORANGE


def _address(text: str) -> Address:
    name, address = parseaddr(text if text.isprintable() else "")
    local, _, domain = address.rpartition("@")
    if not local or not domain:
        raise ValueError(f"{wording.one_line(text)!r} is no mail address")
    return Address(name, local, domain)
