"""Templates of messages, and which messages they describe.

`<*>` stands for one or more characters without white space, `<...>` for any text or none. All else is itself, but that
white space may be of any kind and length, and at both ends of a message does not count.
"""

import re
from dataclasses import dataclass

from query_api.search.errors import SearchError
from query_api.search.expression import Equals, Exists, Like, Term, Wildcard
from query_api.search.kinds import Context, literal

WORD, TEXT = "<*>", "<...>"
# Named one by one: what else counts as white space differs between Python and PostgreSQL's locales.
SPACES = " \t\n\v\f\r"

_SPACE = re.compile(f"[{SPACES}]+")
_WILDCARD = re.compile(f"({re.escape(WORD)}|{re.escape(TEXT)})")
_SPECIAL = re.compile(r"[\\.*+?()\[\]{}|^$]")
_EXPRESSIONS = {WORD: f"[^{SPACES}]+", TEXT: ".*"}


def tokens(text: str) -> list[str]:
    """What stands between white space."""
    return [token for token in _SPACE.split(text) if token]


def regular_expression(template: str) -> str:
    """For PostgreSQL; it matches exactly what the template describes."""
    described = f"[{SPACES}]+".join(_expression(token) for token in tokens(template))
    return f"^[{SPACES}]*{described}[{SPACES}]*$"


def like(template: str) -> str:
    """A pattern of LIKE that all messages pass which the template describes, and that is cheaper to try."""
    pieces = (piece for token in tokens(template) for piece in _WILDCARD.split(token) if piece not in _EXPRESSIONS)
    return "%".join(["", *(literal(piece) for piece in pieces if piece), ""])


def opening(template: str) -> str:
    """Words that full text finds in every message described, since these begin with them.

    Behind a wildcard nothing is certain, nor behind a `<`: what follows may be within a tag, which has no words.
    """
    certain = []
    for token in tokens(template):
        if "<" in token:
            break
        certain.append(token)
    return " ".join(certain)


@dataclass(frozen=True)
class Template:
    """Text that a template describes.

    vector: the words of the text, an expression of SQL, where an index may have them.
    """

    vector: str | None = None

    def condition(self, column: str, term: Term, context: Context) -> str:
        match term.test:
            case Exists():
                return f"{column} IS NOT NULL"
            case Equals(text):
                template = text
            case Like(pieces):
                template = "".join(piece.value if isinstance(piece, Wildcard) else piece for piece in pieces)
            case _:
                raise SearchError("Templates have no order", term.position, ["a template in quotation marks"])
        add = context.arguments.add
        text = f'{column} COLLATE "C"'
        pieces, whole = add(like(template), "text"), add(regular_expression(template), "text")
        described = f"{text} LIKE {pieces} AND {text} ~ {whole}"
        words = opening(template)
        if self.vector is None or not words:
            return f"({described})"
        query = f"plainto_tsquery('english', {add(words, 'text')})"
        return f"({described} AND (numnode({query}) = 0 OR {self.vector} @@ {query}))"


def _expression(token: str) -> str:
    return "".join(_EXPRESSIONS.get(piece) or _SPECIAL.sub(r"\\\g<0>", piece) for piece in _WILDCARD.split(token))
