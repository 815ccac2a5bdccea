"""The mail about a notice: subject, parts, and values that stay values in HTML and headers."""

from dataclasses import replace
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from alerting.delivery.mail_message import composed, page
from alerting.delivery.message import Message
from alerting.notices import Item, Told
from tests.alert_notices import ITEM, message, resolved

SENDER, RECIPIENTS = "alerts@example.com", ["ann@example.com", "Bob <bob@example.com>"]


class Shape(HTMLParser):
    """Elements and attributes of a page without its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, tuple[str, ...]]] = []
        self.text = ""
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(name for name, _ in attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def read(notice: Message) -> EmailMessage:
    """As a mail program sees it."""
    mail = message_from_bytes(composed(notice, SENDER, RECIPIENTS).as_bytes(), policy=default)
    assert isinstance(mail, EmailMessage)
    return mail


@pytest.mark.parametrize(
    ("item", "subject"),
    [
        (ITEM, "[CRITICAL] High Error Rate"),
        (replace(ITEM, severity="warning", told=Told.REMINDER), "[WARNING] High Error Rate (reminder)"),
        (resolved(), "[CRITICAL] High Error Rate (resolved)"),
        (replace(ITEM, rule_name="naïve\r\nBcc: eve@example.com"), "[CRITICAL] naïve Bcc: eve@example.com"),
    ],
)
def test_the_subject_is_severity_and_name(item: Item, subject: str) -> None:
    mail = read(message(item))
    assert mail["subject"] == subject
    assert "bcc" not in mail


def test_it_is_from_the_sender_to_all_recipients() -> None:
    mail = read(message())
    assert (mail["from"], mail["to"]) == (SENDER, "ann@example.com, Bob <bob@example.com>")


def test_both_parts_have_severity_value_threshold_and_message() -> None:
    plain, html = (part.get_content() for part in read(message()).iter_parts())
    for text in (plain, Shape(html).text):
        for said in ("CRITICAL", "11.00", "Threshold", "10", ITEM.message, "payment failed", "service=shop"):
            assert said in text


@pytest.mark.parametrize(
    ("item", "colour"),
    [(ITEM, "#c62828"), (replace(ITEM, severity="info"), "#e65100"), (resolved(), "#2e7d32")],
)
def test_the_heading_is_red_for_critical_orange_else_and_green_when_over(item: Item, colour: str) -> None:
    heading = page(message(item)).partition("<h1")[2].partition("</h1>")[0]
    assert f"background:{colour}" in heading


def test_several_alerts_are_one_mail_and_it_is_bounded() -> None:
    items = [replace(ITEM, instance_id=uuid4(), rule_name=f"Rule {place}") for place in range(13)]
    mail = read(message(*items))
    assert mail["subject"] == "[CRITICAL] alerts: 13 firing"
    plain, html = (part.get_content() for part in mail.iter_parts())
    for text in (plain, html):
        assert "Rule 9" in text
        assert "Rule 10" not in text
        assert "… and 3 more" in text


def test_a_repetition_is_the_same_mail() -> None:
    notice = message()
    first, second = read(notice), read(notice)
    assert [first[name] for name in ("message-id", "date", "references")] == [
        second[name] for name in ("message-id", "date", "references")
    ]


texts = st.text(st.characters(codec="utf-8"))


@settings(deadline=None, max_examples=50)
@given(texts, texts, texts, st.dictionaries(texts, texts, max_size=3))
def test_no_value_makes_an_element_or_a_header(name: str, text: str, value: str, labels: dict[str, str]) -> None:
    item = replace(
        ITEM,
        rule_name=f"n{name}",
        message=f"m{text}",
        description=f"d{value}",
        severity=f"s{value}",
        labels={f"l{key}": each for key, each in labels.items()},
        links={"rule": f"https://x/{text}"},
        rows=({"message": value},),
    )
    plain = replace(
        item,
        rule_name="n",
        message="m",
        description="d",
        severity="s",
        links={"rule": "https://x/"},
        rows=({"m": "x"},),
    )
    plain = replace(plain, labels={"l": "x"} if labels else {})
    elements = [
        element for element in Shape(page(message(item))).elements if element[0] not in ("br", "a", "span", "p")
    ]
    expected = [
        element for element in Shape(page(message(plain))).elements if element[0] not in ("br", "a", "span", "p")
    ]
    assert elements == expected
    assert set(read(message(item)).keys()) == set(read(message(plain)).keys())


def test_markup_in_values_is_text() -> None:
    hostile = '<script>alert("x")</script><img src=x onerror=y>'
    item = replace(
        ITEM, rule_name=hostile, message=hostile, labels={"l": hostile}, links={"rule": f'https://x/"{hostile}'}
    )
    shape = Shape(page(message(item)))
    assert {"script", "img"}.isdisjoint(tag for tag, _ in shape.elements)
    assert hostile in shape.text
    assert all(
        set(names) <= {"style", "href", "role", "lang", "charset", "name", "content"} for _, names in shape.elements
    )


def test_only_web_addresses_are_links() -> None:
    item = replace(ITEM, links={"runbook": "javascript:alert(1)", "logs": "/admin/logs"})
    assert "href" not in page(message(item))


@pytest.mark.parametrize("address", ["", "nobody", "@x", "a@", "a@b\r\nX: y", "a@b\0"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="is no mail address"):
        composed(message(), SENDER, [address])
