"""Templates of messages, and which messages they describe.

`<*>` stands for one or more characters without white space, `<...>` for any text or none. All else is itself, but that
white space may be of any kind and length, and at both ends of a message does not count.
"""

import re
from dataclasses import dataclass
from itertools import takewhile

from query_api.search.errors import SearchError
from query_api.search.expression import Equals, Exists, Like, Term, Wildcard
from query_api.search.kinds import Context, literal

WORD, TEXT = "<*>", "<...>"
# Named one by one: what else counts as white space differs between Python and PostgreSQL's locales.
SPACES = " \t\n\v\f\r"

_SPACE = re.compile(f"[{SPACES}]+")
_WILDCARD = re.compile(f"({re.escape(WORD)}|{re.escape(TEXT)})")
_SPECIAL = re.compile(r"[\\.*+?()\[\]{}|^$]")
_ANY = ".*"
_EXPRESSIONS = {WORD: f"[^{SPACES}]+", TEXT: _ANY}


def tokens(text: str) -> list[str]:
    """What stands between white space."""
    return [token for token in _SPACE.split(text) if token]


def regular_expression(template: str) -> str:
    """For PostgreSQL; it matches exactly what the template describes."""
    described = f"[{SPACES}]+".join(_expression(token) for token in tokens(template))
    # Any text in the end needs not be read.
    return f"^[{SPACES}]*" + (described.removesuffix(_ANY) if described.endswith(_ANY) else f"{described}[{SPACES}]*$")


def like(template: str) -> str:
    """A pattern of LIKE that all messages pass which the template describes, and that is cheaper to try."""
    pieces = (piece for token in tokens(template) for piece in _WILDCARD.split(token) if piece not in _EXPRESSIONS)
    return "%".join(["", *(literal(piece) for piece in pieces if piece), ""])


def certain_word(template: str) -> str | None:
    """The longest of those that full text finds in every message described.

    Behind a wildcard nothing is certain, nor behind a `<`: what follows may be within a tag, which has no words.
    """
    certain = takewhile(lambda token: "<" not in token, tokens(template))
    return max(certain, key=len, default=None)


@dataclass(frozen=True)
class Template:
    """Text that a template describes.

    vector: the words of the text, an expression of SQL, where an index may have them. One word is sought there: of
    several, which come together, PostgreSQL would expect far too few rows, and read them all to find the newest.
    """

    vector: str | None = None

    def condition(self, column: str, term: Term, context: Context) -> str:
        match term.test:
            case Exists():
                return f"{column} IS NOT NULL"
            case Equals(text):
                template = text
            case Like(parts):
                template = "".join(part.value if isinstance(part, Wildcard) else part for part in parts)
            case _:
                raise SearchError("Templates have no order", term.position, ["a template in quotation marks"])
        add = context.arguments.add
        text = f'{column} COLLATE "C"'
        pieces, whole = add(like(template), "text"), add(regular_expression(template), "text")
        # PostgreSQL expects one row of 200 of such a comparison, and next to none of the two conditions by themselves.
        described = f"(CASE WHEN {text} LIKE {pieces} AND {text} ~ {whole} THEN 1 END) = 1"
        word = certain_word(template)
        if self.vector is None or word is None:
            return described
        query = f"plainto_tsquery('english', {add(word, 'text')})"
        return f"({described} AND (numnode({query}) = 0 OR {self.vector} @@ {query}))"


def _expression(token: str) -> str:
    return "".join(_EXPRESSIONS.get(piece) or _SPECIAL.sub(r"\\\g<0>", piece) for piece in _WILDCARD.split(token))
