"""The tokens of a message, with what differs from one message to the next replaced by wildcards."""

import re

from query_api.search.templates import SPACES, TEXT, WORD, tokens

# Of a message its first line counts, and no more of that than this; `<...>` stands for the rest.
LONGEST = 1000
MOST_TOKENS = 50

# Names before a colon, as JSON has them, stay.
_QUOTED = re.compile(
    r""""(?:[^"\\]|\\.)*+"(\s*:)?"""
    r"""|(?<!\w)'(?:[^'\\]|\\.)*+'(?!\w)(\s*:)?"""
    r"""|`[^`]*+`"""
)
_E_MAIL = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]++(?:\.[\w-]++)+")
_DIGIT = re.compile(r"\d")
# Uuids; hexadecimal numbers of eight digits and more, with a decimal one among them; addresses of IPv6; dates, maybe
# with a time; and whatever begins with a digit: numbers, amounts with their unit, versions, times, addresses of IPv4.
_VALUE = re.compile(
    r"(?<![^\W_])(?:"
    r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}(?!\w)"
    r"|(?=[a-fA-F]{0,40}\d)[0-9a-fA-F]{8,}+(?!\w)"
    r"|(?=[a-fA-F:]{0,40}\d)(?:[0-9a-fA-F]{0,4}:){2,7}[0-9a-fA-F]{1,4}(?![\w:]|[.,]\d)"
    r"|\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:[.,]\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?(?!\w)"
    r"|[+-]?\d\w*+(?:[.:,]\d\w*+)*+(?:(?<=[eE])[+-]\d++)?"
    r")"
)


def masked(message: str) -> tuple[str, ...]:
    """The tokens of the first line that has any.

    message: all of it, or its first LONGEST characters and at least one more.
    """
    text = message[:LONGEST].lstrip(SPACES)
    cut = len(message) > LONGEST
    line = re.split(r"[\n\r]", text, maxsplit=1)[0]
    more = len(line) < len(text.rstrip(SPACES)) or cut
    if cut and line == text:
        # A part of a word would make a template of its own, unless there is nothing else.
        whole = line[: max(line.rfind(space) for space in SPACES) + 1]
        if not whole:
            return ("".join(_tokens(line)) + TEXT,)
        line = whole
    found = _tokens(line)
    if len(found) > MOST_TOKENS:
        return (*found[:MOST_TOKENS], TEXT)
    return (*found, TEXT) if more else tuple(found)


def _tokens(text: str) -> list[str]:
    if '"' in text or "'" in text or "`" in text:
        text = _QUOTED.sub(_quotation, text)
    if "@" in text:
        text = _E_MAIL.sub(WORD, text)
    return [_VALUE.sub(WORD, token) if _DIGIT.search(token) else token for token in tokens(text)]


def _quotation(found: re.Match[str]) -> str:
    text = found[0]
    return text if text.endswith(":") else f"{text[0]}{TEXT}{text[-1]}"
