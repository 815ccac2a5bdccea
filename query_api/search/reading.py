"""Reads a search: luqum's grammar over our tokens, and its tree as an expression of ours."""

import re
from threading import Lock

from luqum.exceptions import ParseSyntaxError
from luqum.parser import parser
from luqum.tree import (
    AndOperation,
    BaseGroup,
    From,
    Item,
    OrOperation,
    Phrase,
    Plus,
    Prohibit,
    Range,
    SearchField,
    To,
    UnknownOperation,
    Word,
)
from luqum.tree import Not as Negation

from query_api.search.errors import SearchError
from query_api.search.expression import (
    And,
    Equals,
    Exists,
    Expression,
    Like,
    Not,
    Operator,
    Or,
    Order,
    Term,
    Test,
    Wildcard,
)
from query_api.search.tokens import Tokens

LONGEST = 4096
DEEPEST = 24
MOST_WILDCARDS = 8

EXISTENCE = "_exists_"
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_PIECE = re.compile(r"(?P<wildcard>[*?])|(?:[^*?\\]|\\.)+", re.DOTALL)
_IN_WORDS = {
    "TERM": "a word",
    "PHRASE": "a phrase in quotation marks",
    "COLUMN": "a colon",
    "LPAREN": "(",
    "RPAREN": ")",
    "RBRACKET": "] or }",
    "TO": "TO",
    "AND_OP": "AND",
    "OR_OP": "OR",
    "NOT": "NOT",
    "MINUS": "-",
    "$end": "the end",
}
# PLY keeps the state of a failed parse in the parser, which all threads share.
_parsing = Lock()


def read(text: str) -> Expression:
    """The expression that the text says. Raises SearchError."""
    if len(text) > LONGEST:
        raise SearchError(f"A search has at most {LONGEST} characters", LONGEST, ["the end"])
    return _expression(_tree(text), None, 0)


def _tree(text: str) -> Item:
    tokens = Tokens()
    with _parsing:
        try:
            return parser.parse(text, lexer=tokens)
        except ParseSyntaxError:
            possible = parser.action[parser.state].keys()
    # Outside of a range TO is a word like any other.
    expected = [
        words for type_, words in _IN_WORDS.items() if type_ in possible and (type_, "TERM" in possible) != ("TO", True)
    ]
    if tokens.last is None:
        raise SearchError("The search ends too early", len(text), expected)
    raise SearchError(f"{tokens.last.value} cannot stand here", tokens.last.lexpos, expected)


def _expression(node: Item, field: str | None, depth: int) -> Expression:
    if depth > DEEPEST:
        raise SearchError(f"A search is at most {DEEPEST} parentheses and negations deep", node.pos or 0)
    match node:
        case AndOperation() | UnknownOperation():
            return And(tuple(_expression(each, field, depth + 1) for each in node.children))
        case OrOperation():
            return Or(tuple(_expression(each, field, depth + 1) for each in node.children))
        case Negation() | Prohibit():
            return Not(_expression(node.a, field, depth + 1))
        case Plus():
            return _expression(node.a, field, depth + 1)
        case BaseGroup():
            return _expression(node.expr, field, depth + 1)
        case SearchField():
            return _of_field(node, depth)
        case Range():
            return _range(node, field)
        case From() | To():
            return Term(field, _order(node), _position(node))
    return Term(field, _value(node), _position(node))


def _of_field(node: SearchField, depth: int) -> Expression:
    name = _unescaped(node.name)
    if name != EXISTENCE:
        return _expression(node.expr, name, depth + 1)
    if not isinstance(node.expr, Word | Phrase):
        raise SearchError(f"{EXISTENCE} takes the name of one field", _position(node.expr), ["a field"])
    return Term(_text(node.expr), Exists(), _position(node.expr))


def _value(node: Item) -> Test:
    if isinstance(node, Phrase):
        return Equals(_text(node), phrase=True)
    pieces = _pieces(node.value)
    if pieces == (Wildcard.ANY,):
        return Exists()
    wildcards = sum(isinstance(piece, Wildcard) for piece in pieces)
    if wildcards > MOST_WILDCARDS:
        raise SearchError(f"A value has at most {MOST_WILDCARDS} wildcards", _position(node))
    return Like(pieces) if wildcards else Equals(_text(node))


def _order(node: From | To) -> Order:
    later = isinstance(node, From)
    operators: tuple[Operator, Operator] = (">", ">=") if later else ("<", "<=")
    return Order(operators[node.include], _text(node.a))


def _range(node: Range, field: str | None) -> Expression:
    bounds: list[tuple[Item, Operator]] = [
        (node.low, ">=" if node.include_low else ">"),
        (node.high, "<=" if node.include_high else "<"),
    ]
    tests = [
        Term(field, Order(operator, _text(bound)), _position(bound))
        for bound, operator in bounds
        if not (isinstance(bound, Word) and bound.value == "*")
    ]
    if not tests:
        return Term(field, Exists(), _position(node))
    return And(tuple(tests)) if len(tests) > 1 else tests[0]


def _text(node: Word | Phrase) -> str:
    """The characters meant, wildcards among them."""
    return _unescaped(node.value[1:-1] if isinstance(node, Phrase) else node.value)


def _unescaped(raw: str) -> str:
    return _ESCAPED.sub(r"\1", raw)


def _pieces(raw: str) -> tuple[str | Wildcard, ...]:
    """The text without its backslashes, between its wildcards."""
    pieces: list[str | Wildcard] = []
    for found in _PIECE.finditer(raw):
        pieces.append(Wildcard(found.group()) if found["wildcard"] else _unescaped(found.group()))
    return tuple(pieces)


def _position(node: Item) -> int:
    return node.pos or 0
